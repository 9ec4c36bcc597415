using System.Collections.Immutable;
using System.Text;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>
/// Splits SQL at its semicolons and finds its <c>@name</c> parameters: outside quotes, dollar quotes, comments, parentheses and the
/// bodies of SQL-standard functions (<c>begin atomic ... end</c>). Understands no more of SQL than that; the server judges the rest.
/// </summary>
internal sealed class SqlScript
{
    private readonly string _source;
    private readonly IReadOnlyCollection<string> _known;
    private readonly List<SqlStatement> _statements = [];
    private readonly StringBuilder _text = new();
    private readonly List<string> _parameters = [];
    private readonly List<(int, int)> _pieces = [];
    private readonly List<string> _words = [];
    private int _at, _copied, _parentheses, _blocks;
    private bool _hasContent, _hasBody, _copiesThroughClient;
    private string _lastWord = "";

    private SqlScript(string source, IReadOnlyCollection<string> known) => (_source, _known) = (source, known);

    /// <summary>The statements of a text, empty ones left out.</summary>
    /// <param name="known">Names of the parameters that have values.</param>
    /// <exception cref="SqlProblemException">A parameter has no value.</exception>
    public static IReadOnlyList<SqlStatement> Split(string source, IReadOnlyCollection<string> known)
    {
        var script = new SqlScript(source, known);
        script.Run();
        return script._statements;
    }

    private char Current => _source[_at];

    private char Next => _at + 1 < _source.Length ? _source[_at + 1] : '\0';

    private void Run()
    {
        while (_at < _source.Length)
        {
            if (char.IsWhiteSpace(Current)) _at++;
            else if (Current == '-' && Next == '-') SkipPast("\n");
            else if (Current == '/' && Next == '*') SkipComment();
            else if (Current == ';' && _parentheses == 0 && _blocks == 0) Finish();
            else ReadContent();
        }
        Finish();
    }

    private void ReadContent()
    {
        if (!_hasContent) (_hasContent, _copied) = (true, _at);   // comments before a statement are not sent
        if (_pieces.Count == 0) _pieces.Add((0, _copied));
        switch (Current)
        {
            case '\'': SkipQuoted('\'', escapes: false); break;
            case '"': SkipQuoted('"', escapes: false); break;
            case '$' when DollarTag() is { } tag:
                _at += tag.Length;
                SkipPast(tag);
                break;
            case '@' when IsNameStart(Next) && (_at == 0 || _source[_at - 1] != '@'): ReadParameter(); break;
            case var c when IsNameStart(c): ReadWord(); break;
            case var c when char.IsAsciiDigit(c):
                while (_at < _source.Length && IsNamePart(Current)) _at++;
                break;
            default:
                if (Current is '(' or '[') _parentheses++;
                else if (Current is ')' or ']' && _parentheses > 0) _parentheses--;
                _at++;
                break;
        }
    }

    private void ReadParameter()
    {
        var start = _at++;
        while (_at < _source.Length && IsNamePart(Current)) _at++;
        var name = _source[(start + 1).._at];
        if (!_known.Contains(name))
        {
            if (start > 0 && "+-*/<>=~!#%^&|`?".Contains(_source[start - 1], StringComparison.Ordinal)) return;   // an operator such as <@
            var (line, column) = SqlStatement.LineOf(_source, start);
            var near = Core.Suggest.DidYouMean(name, _known);
            throw new SqlProblemException(string.Join(' ', new[]
            {
                $"The parameter @{name} (line {line}, column {column}) has no value.", near, "Give it one under sql.params, or write '@ ' with a space for the operator.",
            }.Where(s => s.Length > 0)));
        }
        var number = _parameters.IndexOf(name) + 1;
        if (number == 0)
        {
            _parameters.Add(name);
            number = _parameters.Count;
        }
        _text.Append(_source, _copied, start - _copied).Append('$').Append(System.Globalization.CultureInfo.InvariantCulture, $"{number}");
        _copied = _at;
        _pieces.Add((_text.Length, _copied));
    }

    private void ReadWord()
    {
        var start = _at;
        while (_at < _source.Length && IsNamePart(Current)) _at++;
        var word = _source.AsSpan(start, _at - start);
        if (_at < _source.Length && Current == '\'')
        {
            SkipQuoted('\'', escapes: word is "e" or "E");
            return;
        }
        if (_words.Count < 4) _words.Add(word.ToString().ToUpperInvariant());
        if (_parentheses == 0 && _words is ["COPY", ..])
        {
            _copiesThroughClient |= _lastWord is "FROM" or "TO" && (word.Equals("STDIN", StringComparison.OrdinalIgnoreCase) || word.Equals("STDOUT", StringComparison.OrdinalIgnoreCase));
            _lastWord = word.ToString().ToUpperInvariant();
        }
        if (!DefinesRoutine) return;
        if (word.Equals("BEGIN", StringComparison.OrdinalIgnoreCase) || (_blocks > 0 && word.Equals("CASE", StringComparison.OrdinalIgnoreCase)))
        {
            _blocks++;
            _hasBody = true;
        }
        else if (_blocks > 0 && word.Equals("END", StringComparison.OrdinalIgnoreCase)) _blocks--;
    }

    private bool DefinesRoutine => _words is ["CREATE", "FUNCTION" or "PROCEDURE", ..] or ["CREATE", "OR", "REPLACE", "FUNCTION" or "PROCEDURE", ..];

    private void SkipQuoted(char quote, bool escapes)
    {
        for (_at++; _at < _source.Length; _at++)
        {
            if (escapes && Current == '\\') _at++;
            else if (Current == quote)
            {
                _at++;
                return;   // a doubled quote opens the next piece
            }
        }
        _at = _source.Length;
    }

    private void SkipComment()
    {
        var depth = 1;
        for (_at += 2; _at < _source.Length && depth > 0; _at++)
        {
            if (Current == '/' && Next == '*') (depth, _at) = (depth + 1, _at + 1);
            else if (Current == '*' && Next == '/') (depth, _at) = (depth - 1, _at + 1);
        }
    }

    private void SkipPast(string end) => _at = _source.IndexOf(end, _at, StringComparison.Ordinal) is >= 0 and var found ? found + end.Length : _source.Length;

    private string? DollarTag()
    {
        if (_at > 0 && IsNamePart(_source[_at - 1])) return null;
        var end = _at + 1;
        if (end < _source.Length && IsNameStart(_source[end]))
            while (end < _source.Length && _source[end] != '$' && IsNamePart(_source[end])) end++;
        return end < _source.Length && _source[end] == '$' ? _source[_at..(end + 1)] : null;
    }

    private void Finish()
    {
        if (_hasContent)
        {
            _text.Append(_source, _copied, _at - _copied);
            _statements.Add(new(_text.ToString().TrimEnd(), [.. _parameters], (_words.FirstOrDefault(""), _words.ElementAtOrDefault(1) ?? ""))
            {
                Source = _source,
                Pieces = [.. _pieces],
                IsRoutineBody = _hasBody,
                CopiesThroughClient = _copiesThroughClient,
            });
        }
        _text.Clear();
        _parameters.Clear();
        _pieces.Clear();
        _words.Clear();
        (_hasContent, _hasBody, _copiesThroughClient, _lastWord, _parentheses, _blocks) = (false, false, false, "", 0, 0);
        _at++;   // past the semicolon
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= 0x80;

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsAsciiDigit(c) || c == '$';
}
