using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Index;

/// <summary>Definitions of runs, each read once; the last so many.</summary>
internal sealed class KnownDefinitions(IDefinitionStore store)
{
    private const int Max = 1_000;
    private readonly Dictionary<string, WorkflowDefinition?> _known = new(StringComparer.Ordinal);

    /// <summary>The definition that a run's first event names; null when it is missing or damaged.</summary>
    public WorkflowDefinition? Of(RecordedEvent first)
    {
        if (first.Event is not WorkflowCreated created) return null;
        if (_known.TryGetValue(created.DefinitionVersion, out var found)) return found;
        if (_known.Count == Max) _known.Clear();
        return _known[created.DefinitionVersion] = store.Find(created.DefinitionVersion);
    }
}
