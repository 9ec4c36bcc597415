namespace Orchestrator.Core.Expressions;

/// <summary>
/// The parsed expression. Chains of one precedence (<c>a + b - c</c>, <c>a.b[c]</c>) are one node, so the tree is never deeper
/// than the author's own nesting and recursion over it is bounded by the parser's depth limit.
/// </summary>
internal abstract record Node
{
    private Node() { }

    public sealed record Literal(ExpressionValue Value) : Node;

    public sealed record ListOf(Node[] Items) : Node;

    /// <summary>
    /// params.x, env.X, secrets.X, run.x, schedule.x, matrix.x; <c>now</c>, <c>item</c>, <c>outputs</c> and a name of the item's own have an empty name.
    /// </summary>
    public sealed record Named(string Root, string Name) : Node;

    public sealed record OfTask(string Task, string Member) : Node;

    public sealed record Path(Node Target, Step[] Steps) : Node;

    public sealed record Not(Node Operand) : Node;

    public sealed record Negated(Node Operand) : Node;

    public sealed record Arithmetic(Node First, (char Operator, Node Operand)[] Rest) : Node;

    public sealed record Comparison(string Operator, Node Left, Node Right) : Node;

    public sealed record Logic(bool IsAnd, Node[] Operands) : Node;

    public sealed record Choice(Node Condition, Node Then, Node Else) : Node;

    public sealed record Call(ExpressionFunction Function, Node[] Arguments) : Node;

    /// <summary>One step into a value: a name the author wrote, or a computed index.</summary>
    public readonly record struct Step(string? Member, Node? Index);
}
