using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Orchestrator.Core.Expressions;

/// <summary>What may be put into a template's holes.</summary>
public enum TemplateMode
{
    /// <summary>Any value as text: strings as they are, null as nothing, the rest as JSON.</summary>
    Text,

    /// <summary>
    /// For text a shell will read: only values of [A-Za-z0-9_./:@%+=,-], not empty; anything else is an error unless the hole is <c>raw(...)</c>.
    /// </summary>
    Shell,
}

/// <summary>A text with <c>${{ expression }}</c> holes; <c>$${{</c> is a literal <c>${{</c>. Immutable.</summary>
public sealed class Template
{
    internal const string Open = "${{";
    internal const string Close = "}}";

    private static readonly SearchValues<char> Harmless =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+=,-");

    // Literal pieces and holes in order; a literal template has one piece and no array.
    private readonly ImmutableArray<Piece> _pieces;

    private Template(string text, string literal, ImmutableArray<Piece> pieces)
    {
        (Text, Literal, _pieces) = (text, literal, pieces);
        References = IsLiteral ? [] : [.. pieces.Where(p => p.Hole is not null).SelectMany(p => p.Hole!.References).Distinct()];
    }

    private readonly record struct Piece(string Literal, Expression? Hole);

    /// <summary>The template as written.</summary>
    public string Text { get; }

    /// <summary>Whether there are no holes, so that it renders to the same text always.</summary>
    public bool IsLiteral => _pieces.IsEmpty;

    /// <summary>Whether the text is one hole and nothing else: its value keeps its type.</summary>
    public bool IsOneHole => _pieces is [{ Hole: not null }];

    /// <summary>Everything its holes name, each once.</summary>
    public ImmutableArray<ExpressionReference> References { get; }

    /// <summary>The results of tasks that its holes read.</summary>
    public IEnumerable<OutputRead> OutputReads => Expressions.SelectMany(e => e.OutputReads);

    /// <summary>Its holes, in order.</summary>
    internal IEnumerable<Expression> Expressions => IsLiteral ? [] : _pieces.Where(p => p.Hole is not null).Select(p => p.Hole!);

    /// <summary>What a template without holes renders to.</summary>
    internal string Literal { get; }

    /// <summary>Whether a text could hold a hole or an escape, found without parsing it.</summary>
    public static bool MayHaveHoles(string text) => text.Contains(Open, StringComparison.Ordinal);

    /// <summary>Reads a template; false with the first error, whose offset counts from the start of <paramref name="text"/>. Never throws.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Template? template, [NotNullWhen(false)] out ExpressionError? error) =>
        TryParse(text, static _ => true, out template, out error);

    internal static bool TryParse(string text, Func<string, bool> isItem, [NotNullWhen(true)] out Template? template, [NotNullWhen(false)] out ExpressionError? error)
    {
        template = null;
        error = null;
        if (text.Length > ExpressionLimits.TemplateLength)
        {
            error = new($"A text with expressions has at most {ExpressionLimits.TemplateLength} characters. Read long texts from a file.", ExpressionLimits.TemplateLength, 0);
            return false;
        }
        if (!MayHaveHoles(text))
        {
            template = new(text, text, []);
            return true;
        }
        var pieces = ImmutableArray.CreateBuilder<Piece>();
        var literal = new System.Text.StringBuilder();
        var (at, holes) = (0, 0);
        for (int open; (open = text.IndexOf(Open, at, StringComparison.Ordinal)) >= 0;)
        {
            var isEscaped = open > at && text[open - 1] == '$';
            literal.Append(text, at, open - at - (isEscaped ? 1 : 0));
            at = open + Open.Length;
            if (isEscaped)
            {
                literal.Append(Open);
                continue;
            }
            var close = FindClose(text, at);
            if (holes++ == ExpressionLimits.Holes) error = new($"A text has at most {ExpressionLimits.Holes} expressions. Split it.", open, Open.Length);
            else if (close < 0) error = new("'${{' is not closed by '}}'. Write '$${{' for the characters '${{' themselves.", open, Open.Length);
            else if (!Expression.TryParse(text[at..close], isItem, out var hole, out error)) error = error with { Offset = error.Offset + at };
            else
            {
                if (literal.Length > 0) pieces.Add(new(literal.ToString(), null));
                literal.Clear();
                pieces.Add(new("", hole));
                at = close + Close.Length;
                continue;
            }
            return false;
        }
        literal.Append(text, at, text.Length - at);
        if (literal.Length > 0 && pieces.Count > 0) pieces.Add(new(literal.ToString(), null));
        template = new(text, literal.ToString(), pieces.ToImmutable());
        return true;
    }

    /// <summary>The text with its holes filled.</summary>
    /// <exception cref="ExpressionException">A hole cannot be evaluated, or its value may not stand where it would.</exception>
    public string Render(ExpressionScope scope, TemplateMode mode)
    {
        if (IsLiteral) return Literal;
        var result = new BoundedText(ExpressionLimits.RenderedLength);
        foreach (var (literal, hole) in _pieces) result.Append(hole is null ? literal : Fill(hole, scope, mode));
        return result.ToString();
    }

    /// <summary>The text with its holes filled by <paramref name="fill"/>, which is also shown the text between them.</summary>
    /// <param name="between">Told each literal piece, in order.</param>
    /// <param name="fill">Makes of a hole and its value as text what is put there.</param>
    /// <exception cref="ExpressionException">A hole cannot be evaluated, or its value may not stand where it would.</exception>
    internal string Render(ExpressionScope scope, Action<string> between, Func<Expression, string, string> fill)
    {
        if (IsLiteral) return Literal;
        var result = new BoundedText(ExpressionLimits.RenderedLength);
        foreach (var (literal, hole) in _pieces)
            if (hole is not null) result.Append(fill(hole, Fill(hole, scope, TemplateMode.Text)));
            else
            {
                between(literal);
                result.Append(literal);
            }
        return result.ToString();
    }

    /// <summary>Whether the text begins with a hole.</summary>
    internal bool BeginsWithHole => _pieces is [{ Hole: not null }, ..];

    /// <summary>The value of the hole when the text is exactly one hole, otherwise the text with its holes filled, as JSON.</summary>
    /// <exception cref="ExpressionException">A hole cannot be evaluated.</exception>
    public JsonElement RenderValue(ExpressionScope scope) => _pieces is [{ Hole: { } only }]
        ? only.Evaluate(scope).ToJson()
        : JsonSerializer.SerializeToElement(Render(scope, TemplateMode.Text), TextJson.Default.String);

    /// <summary>The template as written.</summary>
    public override string ToString() => Text;

    // The closing braces outside quotes: an expression has no braces of its own.
    internal static int FindClose(string text, int from)
    {
        for (var (i, quote) = (from, '\0'); i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
            {
                if (c == '\\') i++;
                else if (c == quote) quote = '\0';
            }
            else if (c is '\'' or '"') quote = c;
            else if (c == '}' && i + 1 < text.Length && text[i + 1] == '}') return i;
        }
        return -1;
    }

    private static string Fill(Expression hole, ExpressionScope scope, TemplateMode mode)
    {
        var text = hole.Evaluate(scope).ToText();
        if (text.Contains('\0')) throw new ExpressionException("The value holds a NUL character, which no command, argument or variable can carry.").In(hole.Text);
        if (mode == TemplateMode.Text || hole.IsRaw) return text;
        const string remedy = "Pass it by env and write \"$NAME\", or accept the risk with raw(...).";
        if (text.Length == 0) throw new ExpressionException($"The value is empty, which would change what the command means. {remedy}").In(hole.Text);
        if (text.AsSpan().ContainsAnyExcept(Harmless))
            throw new ExpressionException($"The value holds characters a shell may interpret; only letters, digits and _./:@%+=,- are put into a command line. {remedy}").In(hole.Text);
        return text;
    }
}
