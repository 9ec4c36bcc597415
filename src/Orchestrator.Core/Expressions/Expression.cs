using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Expressions;

/// <summary>
/// One parsed expression: the text between <c>${{</c> and <c>}}</c>. Immutable, pure, bounded, and independent of culture.
/// </summary>
/// <remarks>
/// <para>Values: null, true, false, decimal numbers, texts in '...' or "..." (escapes \\ \' \" \n \t \r \uXXXX), lists [a, b], and objects
/// from outputs, parameters or json(). Roots: params, env, secrets, run, tasks, schedule, item, matrix, outputs, now.</para>
/// <para>Operators, loosest first: <c>a ? b : c</c>, <c>||</c>, <c>&amp;&amp;</c>, one comparison (== != &lt; &lt;= &gt; &gt;=), + -, * / %,
/// ! and -, then <c>.member</c>, <c>[index]</c> (from 0; negative from the end) and calls. <c>+</c> also joins texts. Values of different kinds are
/// never equal; ordering takes two numbers or two texts; conditions take true or false and nothing else.</para>
/// <para>Directly after <c>params.</c>, <c>env.</c>, <c>secrets.</c>, <c>matrix.</c> and <c>tasks.</c> a '-' belongs to the name, as in
/// <c>tasks.load-eu.status</c>: to subtract from a parameter, put spaces around the '-'. Further on (<c>outputs.rows-1</c>) it subtracts. These names are
/// never computed, so <see cref="References"/> is complete.</para>
/// </remarks>
public sealed class Expression
{
    private readonly Node _root;
    private ImmutableArray<OutputRead> _outputReads;

    private Expression(string text, Node root, ImmutableArray<ExpressionReference> references) =>
        (Text, _root, References) = (text, root, references);

    /// <summary>The expression as written, trimmed.</summary>
    public string Text { get; }

    /// <summary>Everything it names, each once, in order of appearance.</summary>
    public ImmutableArray<ExpressionReference> References { get; }

    /// <summary>The results of tasks that it reads, each once.</summary>
    public ImmutableArray<OutputRead> OutputReads => _outputReads.IsDefault ? _outputReads = ReadOutputs() : _outputReads;

    /// <summary>Whether its outermost call is <c>raw(...)</c>.</summary>
    internal bool IsRaw => _root is Node.Call { Function.Name: "raw" };

    /// <summary>Whether its outermost call is <c>url_encode(...)</c>.</summary>
    internal bool IsUrlEncoded => _root is Node.Call { Function.Name: "url_encode" };

    /// <summary>
    /// Reads an expression (without <c>${{ }}</c>); false with the first error when it is none. Never throws. A name that is no root is taken
    /// for a fan-out's own name of its item: the rules of definitions know those names, evaluation looks for them in the scope.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out ExpressionError? error) =>
        TryParse(text, static _ => true, out expression, out error);

    /// <param name="isItem">Whether a name that is no root is a fan-out's own name for its item; an error where it is not.</param>
    internal static bool TryParse(string text, Func<string, bool> isItem, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out ExpressionError? error)
    {
        try
        {
            var parser = new Parser(text, isItem);
            var root = parser.ParseAll();
            (expression, error) = (new(text.Trim(), root, [.. parser.References]), null);
            return true;
        }
        catch (SyntaxException e)
        {
            (expression, error) = (null, e.Error with { Expression = text.Trim() });
            return false;
        }
        catch (ExpressionException e)
        {
            (expression, error) = (null, new(e.Message, 0, text.Length) { Expression = text.Trim() });
            return false;
        }
    }

    /// <summary>
    /// Reads a condition, as in a task's <c>if</c>: an expression with or without <c>${{ }}</c> around all of it. Offsets are those of <paramref name="text"/>.
    /// </summary>
    public static bool TryParseCondition(string text, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out ExpressionError? error) =>
        TryParseCondition(text, static _ => true, out expression, out error);

    internal static bool TryParseCondition(
        string text, Func<string, bool> isItem, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out ExpressionError? error)
    {
        var (start, end) = (text.Length - text.TrimStart().Length, text.TrimEnd().Length);
        if (!text.AsSpan(start).StartsWith(Template.Open, StringComparison.Ordinal)) return TryParse(text, isItem, out expression, out error);
        expression = null;
        var close = Template.FindClose(text, start + Template.Open.Length);
        if (close != end - Template.Close.Length)
        {
            error = new(close < 0 ? "'${{' is not closed by '}}'. Close it, or write the bare expression." : "A condition is one expression. Join parts inside it, as in '${{ a && b }}'.", start, end - start);
            return false;
        }
        var inner = start + Template.Open.Length;
        if (TryParse(text[inner..close], isItem, out expression, out error)) return true;
        error = error with { Offset = error.Offset + inner };
        return false;
    }

    /// <summary>Its value in a scope.</summary>
    /// <exception cref="ExpressionException">Something named does not exist, kinds do not fit, or a bound is passed.</exception>
    public ExpressionValue Evaluate(ExpressionScope scope)
    {
        try
        {
            var value = new Evaluation(scope).Of(_root);
            if (scope.Derived is { } derived && derived.Reach(References, OutputReads)) derived.Add(value);
            return value;
        }
        catch (ExpressionException e)
        {
            throw e.In(Text);
        }
    }

    /// <summary>Its value where only true and false will do, as in <c>if</c>.</summary>
    /// <exception cref="ExpressionException">As <see cref="Evaluate"/>, or it is neither true nor false (null included).</exception>
    public bool EvaluateCondition(ExpressionScope scope)
    {
        var value = Evaluate(scope);
        return value.Kind == ExpressionKind.Boolean ? value.IsTrue : throw Evaluation.NotBoolean("A condition", value).In(Text);
    }

    /// <summary>
    /// What it reads, with the values those have in a scope; what cannot be read has an error instead. Says nothing to
    /// <see cref="ExpressionScope.Derived"/>.
    /// </summary>
    public IReadOnlyList<Operand> OperandsIn(ExpressionScope scope) => Operands.Of(_root, scope);

    /// <summary>The expression as written.</summary>
    public override string ToString() => Text;

    private ImmutableArray<OutputRead> ReadOutputs() => References.Any(r => r.Root == "tasks") ? Expressions.OutputReads.Of(_root) : [];
}
