using Orchestrator.Core.Index;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Index;

/// <summary>Makes rows of runs out of their events, as the journal has them.</summary>
internal sealed class RunProjections(IRunStore store)
{
    private readonly KnownDefinitions _definitions = new(store.Definitions);

    /// <summary>Whether events of a run could not be read: nobody knows its rows.</summary>
    public bool HasDamage { get; private set; }

    /// <summary>All events of a run, applied; null when there is no such run, or its beginning cannot be read.</summary>
    public async Task<RunProjection?> ReadAsync(RunId run, CancellationToken stop)
    {
        var events = await store.Runs.ReadEventsAsync(run, stop).ConfigureAwait(false);
        if (store.Runs.DamageOf(run) is not null) HasDamage = true;
        return Begin(run, events);
    }

    /// <summary>The projection of a run's first events; null when they are not the first ones.</summary>
    public RunProjection? Begin(RunId run, IReadOnlyList<RecordedEvent> events)
    {
        if (events is not [{ Seq: 1, Event: WorkflowCreated } first, ..]) return null;
        var projection = new RunProjection(_definitions.Of(first), run);
        foreach (var e in events)
            if (!projection.Apply(e)) break;
        return projection;
    }
}
