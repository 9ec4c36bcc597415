using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Queries;

/// <summary>Backfills of all writers, as they were recorded. Takes no lock and changes nothing.</summary>
/// <param name="runs">Reads streams.</param>
public sealed class BackfillHistory(IRunHistory runs)
{
    /// <summary>Backfills that fit, newest first, found as the caller goes on.</summary>
    /// <param name="workflow">Only of this workflow; null: of all.</param>
    /// <param name="status">Only in this state; null: in any.</param>
    /// <param name="before">Only older ones than this; null: all.</param>
    public IEnumerable<BackfillState> List(string? workflow = null, BackfillStatus? status = null, string? before = null) =>
        from id in Ids()
        where before is null || string.CompareOrdinal(id, before) < 0
        let state = Find(id)
        where state is not null && (workflow is null || state.Created!.Workflow == workflow) && (status is null || state.Status == status)
        select state;

    /// <summary>A backfill; null when there is none of that id.</summary>
    public BackfillState? Find(string id)
    {
        var state = runs.ReadSystem(StreamId.Backfill(id)).Aggregate(BackfillState.Empty, (state, e) => state.Apply(e));
        return state.Created is null ? null : state;
    }

    /// <summary>Ids that begin with a text, newest first.</summary>
    public IReadOnlyList<string> Resolve(string beginning) => [.. Ids().Where(id => id.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))];

    // An id begins with its time.
    private IEnumerable<string> Ids() => runs.SystemStreams().Select(s => s.TryGetBackfill(out var id) ? id : "").Where(id => id.Length > 0).OrderDescending(StringComparer.Ordinal);
}
