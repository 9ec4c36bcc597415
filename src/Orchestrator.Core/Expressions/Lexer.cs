using System.Globalization;
using System.Text;

namespace Orchestrator.Core.Expressions;

internal enum TokenKind { End, Name, Number, String, Symbol }

/// <param name="Text">A name, a symbol, or a string's content with its escapes replaced.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Offset, int Length, decimal Number = 0)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public string Shown => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.String => "a text",
        TokenKind.Number => "a number",
        _ => $"'{Text}'",
    };
}

/// <summary>Unwinds the parser; never leaves TryParse.</summary>
internal sealed class SyntaxException(string message, int offset, int length) : Exception(message)
{
    public ExpressionError Error => new(Message, offset, length);
}

/// <summary>Reads one token at a time, because what a name may hold depends on where it stands.</summary>
internal sealed class Lexer(string text)
{
    private int _at;

    /// <param name="asName">Behind the dot of a root: letters, digits, '_' and '-' are one name, as in <c>tasks.load-eu</c>.</param>
    public Token Next(bool asName = false)
    {
        while (_at < text.Length && text[_at] is ' ' or '\t' or '\r' or '\n') _at++;
        if (_at >= text.Length) return new(TokenKind.End, "", text.Length, 0);
        var (start, c) = (_at, text[_at]);
        if (asName && IsNamePart(c, dashes: true) || c == '_' || char.IsAsciiLetter(c))
        {
            while (_at < text.Length && IsNamePart(text[_at], asName)) _at++;
            return new(TokenKind.Name, text[start.._at], start, _at - start);
        }
        if (char.IsAsciiDigit(c)) return Number(start);
        if (c is '\'' or '"') return String(start, c);
        if (Symbol(c, _at + 1 < text.Length ? text[_at + 1] : '\0') is { } symbol)
        {
            _at += symbol.Length;
            return new(TokenKind.Symbol, symbol, start, symbol.Length);
        }
        throw new SyntaxException(Unexpected(c), start, 1);
    }

    /// <summary>Whether a digit comes next.</summary>
    public bool IsNumberNext()
    {
        var at = _at;
        while (at < text.Length && text[at] is ' ' or '\t') at++;
        return at < text.Length && char.IsAsciiDigit(text[at]);
    }

    private static string? Symbol(char c, char next) => (c, next) switch
    {
        ('|', '|') => "||",
        ('&', '&') => "&&",
        ('=', '=') => "==",
        ('!', '=') => "!=",
        ('<', '=') => "<=",
        ('>', '=') => ">=",
        ('<', _) => "<",
        ('>', _) => ">",
        ('!', _) => "!",
        ('+', _) => "+",
        ('-', _) => "-",
        ('*', _) => "*",
        ('/', _) => "/",
        ('%', _) => "%",
        ('?', _) => "?",
        (':', _) => ":",
        ('(', _) => "(",
        (')', _) => ")",
        ('[', _) => "[",
        (']', _) => "]",
        (',', _) => ",",
        ('.', _) => ".",
        _ => null,
    };

    private static bool IsNamePart(char c, bool dashes) => char.IsAsciiLetterOrDigit(c) || c == '_' || dashes && c == '-';

    private static string Unexpected(char c) => c switch
    {
        '=' => "'=' is not an operator. Write '==' to compare.",
        '&' => "'&' is not an operator. Write '&&' for and.",
        '|' => "'|' is not an operator. Write '||' for or; functions are called as upper(x), not with a pipe.",
        '$' => "'$' is not part of an expression. Variables are env.NAME, and '${{' is not repeated inside an expression.",
        '{' or '}' => $"'{c}' is not part of an expression. Objects come from json('...').",
        _ when char.IsControl(c) || char.IsSurrogate(c) => "An unexpected character. Put text in quotes.",
        _ => $"'{c}' is not part of an expression. Put text in quotes.",
    };

    private Token Number(int start)
    {
        Digits();
        if (_at < text.Length && text[_at] == '.')
        {
            _at++;
            Digits();
        }
        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            _at++;
            if (_at < text.Length && text[_at] is '+' or '-') _at++;
            Digits();
        }
        var span = text.AsSpan(start, _at - start);
        if (_at < text.Length && IsNamePart(text[_at], dashes: false) || !char.IsAsciiDigit(span[^1]))
            throw new SyntaxException("This is not a number. Put text in quotes.", start, _at - start);
        if (!decimal.TryParse(span, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw new SyntaxException("This number is too large: expressions hold numbers up to about 7.9e28. Put it in quotes if it is an id.", start, span.Length);
        return new(TokenKind.Number, "", start, span.Length, number);
    }

    private void Digits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
    }

    private Token String(int start, char quote)
    {
        var content = new StringBuilder();
        for (_at++; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (c == quote)
            {
                _at++;
                return new(TokenKind.String, content.ToString(), start, _at - start);
            }
            content.Append(c == '\\' ? Escape() : c);
        }
        throw new SyntaxException($"This text is not closed. It ends with another {quote}.", start, text.Length - start);
    }

    private char Escape()
    {
        var start = _at++;
        var c = _at < text.Length ? text[_at] : '\0';
        if (c == 'u')
        {
            if (_at + 4 < text.Length && ushort.TryParse(text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                _at += 4;
                return (char)code;
            }
            throw new SyntaxException("'\\u' takes four hexadecimal digits. Write \\\\ for a backslash.", start, Math.Min(6, text.Length - start));
        }
        return c switch
        {
            '\\' or '\'' or '"' => c,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            _ => throw new SyntaxException(
                @"Unknown escape. Known are \\ \' \"" \n \t \r \uXXXX; write \\ for a backslash, as in '\\d+'.", start, Math.Min(2, text.Length - start)),
        };
    }
}
