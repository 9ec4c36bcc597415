namespace Orchestrator.Core.Expressions;

/// <summary>Something an expression names, known without evaluating it.</summary>
/// <param name="Root"><c>params</c>, <c>env</c>, <c>secrets</c>, <c>tasks</c>, <c>run</c>, <c>schedule</c>,
/// <c>matrix</c>, <c>item</c> or <c>outputs</c>.</param>
/// <param name="Name">The parameter, variable, secret, task or member: <c>("tasks", "check")</c> for
/// <c>tasks.check.outputs.rows</c>. Empty for item and outputs.</param>
public readonly record struct ExpressionReference(string Root, string Name)
{
    /// <summary><c>root.name</c>, or the root alone.</summary>
    public override string ToString() => Name.Length == 0 ? Root : $"{Root}.{Name}";
}
