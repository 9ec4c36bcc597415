using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reports;

/// <summary>
/// Which finished runs still lack a report that they are to have. A workflow that wants none costs its runs one line of their archive, not all of it.
/// </summary>
internal sealed class ReportRules(IRunStore store, Func<string, CancellationToken, ValueTask<WorkflowDefinition?>> definitionOf)
{
    private const int MaxKnown = 1_000;
    private readonly Dictionary<string, ReportRule> _rules = new(StringComparer.Ordinal);

    public async ValueTask<bool> IsMissingAsync(RunId run, CancellationToken stop)
    {
        if (ReportWriter.Exists(store.Files, run)) return false;
        if (store.Runs.FirstEvent(run)?.Event is not WorkflowCreated created) return true;
        if (!_rules.TryGetValue(created.DefinitionVersion, out var rule))
        {
            if (_rules.Count >= MaxKnown) _rules.Clear();
            rule = (await definitionOf(created.DefinitionVersion, stop).ConfigureAwait(false))?.Report ?? ReportRule.Always;
            _rules[created.DefinitionVersion] = rule;
        }
        return rule switch
        {
            ReportRule.Always => true,
            ReportRule.Never => false,
            _ => store.Runs.LastEvent(run)?.Event is WorkflowEnded end && end.StatusTo != RunStatus.Completed,
        };
    }
}
