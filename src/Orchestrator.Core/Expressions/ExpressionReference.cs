namespace Orchestrator.Core.Expressions;

/// <summary>Something an expression names, known without evaluating it.</summary>
/// <param name="Root"><c>params</c>, <c>env</c>, <c>secrets</c>, <c>tasks</c>, <c>run</c> or <c>schedule</c>.</param>
/// <param name="Name">The parameter, variable, secret, task or member: <c>("tasks", "check")</c> for <c>tasks.check.outputs.rows</c>.</param>
public readonly record struct ExpressionReference(string Root, string Name)
{
    /// <summary><c>root.name</c>.</summary>
    public override string ToString() => $"{Root}.{Name}";
}
