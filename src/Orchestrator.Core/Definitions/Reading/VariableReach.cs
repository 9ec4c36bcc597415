using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>What a variable's value is made of: a secret put into a variable is still one, an item still changes from child to child.</summary>
internal sealed class VariableReach(WorkflowDefinition workflow)
{
    private readonly Dictionary<string, HashSet<string>> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _secretParams = workflow.Params.Where(p => p.Type == ParameterType.Secret).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The roots that the value of <c>env.NAME</c> needs, through the workflow's variables too.</summary>
    /// <param name="task">Whose variable it is; null for the workflow's.</param>
    public IReadOnlySet<string> Of(string name, TaskDefinition? task)
    {
        if (task?.Env.TryGetValue(name, out var own) == true) return Template.MayHaveHoles(own) ? Roots(own, beneath: true) : None;
        if (_known.TryGetValue(name, out var roots)) return roots;
        // A workflow's variable sees only those of its siblings that hold no expression.
        return _known[name] = workflow.Env.TryGetValue(name, out var text) ? Roots(text, beneath: false) : None;
    }

    /// <summary>Whether a reference names a secret: one of the workflow's, or a parameter that is one.</summary>
    public bool IsSecret(ExpressionReference reference) => reference.Root == "secrets" || reference.Root == "params" && _secretParams.Contains(reference.Name);

    private static HashSet<string> None => [];

    private HashSet<string> Roots(string text, bool beneath)
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        if (!Template.TryParse(text, out var template, out _)) return roots;
        foreach (var reference in template.References)
        {
            roots.Add(IsSecret(reference) ? "secrets" : reference.Root);
            if (beneath && reference.Root == "env") roots.UnionWith(Of(reference.Name, null));
        }
        return roots;
    }
}
