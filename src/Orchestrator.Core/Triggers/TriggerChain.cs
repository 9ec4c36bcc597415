using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>
/// Which workflows led to a run by triggers and tasks. One event of a run may start several runs, each with as many events: a bound on the depth alone would stop such a loop
/// only after millions of runs, so an event of a run never starts a workflow that led to it.
/// </summary>
public static class TriggerChain
{
    /// <summary>Most workflows that are remembered.</summary>
    public const int MaxNames = 64;

    /// <summary>What leads to a run that this run starts; default where that would be more than is remembered, which the bound on the depth stops.</summary>
    public static ImmutableArray<string> After(WorkflowCreated created)
    {
        var names = created.Chain.IsDefault ? [] : created.Chain;
        return names.Contains(created.Workflow, StringComparer.Ordinal) || names.Length >= MaxNames ? names : names.Add(created.Workflow);
    }

    /// <summary>Whether a run of a workflow would follow from itself.</summary>
    public static bool LeadsBack(WorkflowCreated created, string workflow) =>
        created.Workflow == workflow || !created.Chain.IsDefault && created.Chain.Contains(workflow, StringComparer.Ordinal);
}
