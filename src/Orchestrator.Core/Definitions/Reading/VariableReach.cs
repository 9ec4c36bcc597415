using System.Collections.Immutable;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>What a variable's value is made of: a secret put into a variable is still one, an item still changes from child to child.</summary>
internal sealed class VariableReach(WorkflowDefinition workflow)
{
    private readonly Dictionary<string, HashSet<string>> _known = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, ImmutableArray<string>> _secretOutputs = SecretReads.SecretsOf(workflow);
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

    /// <summary>Whether a task's result that is read is secret.</summary>
    public bool IsSecret(OutputRead read) => SecretReads.Holds(_secretOutputs, read);

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
        if (_secretOutputs.Count > 0 && template.OutputReads.Any(IsSecret)) roots.Add("secrets");
        return roots;
    }
}
