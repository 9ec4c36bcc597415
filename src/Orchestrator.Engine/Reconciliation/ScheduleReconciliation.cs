using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>What the ledgers of schedules say.</summary>
/// <param name="DueTimes">Due times that have an entry.</param>
/// <param name="Started">Those that started a run.</param>
/// <param name="Removed">Those whose run was removed since.</param>
/// <param name="Waiting">Those whose run is not known to be accepted yet.</param>
/// <param name="Differences">What does not hold.</param>
public sealed record SchedulesReconciled(long DueTimes, long Started, long Removed, long Waiting, IReadOnlyList<Difference> Differences)
{
    /// <summary>Runs that users requested.</summary>
    public long Asked { get; init; }
}

/// <summary>
/// Compares the ledgers of schedules with their rules and with the runs: the due times of the rule are the entries, and what started has its run, or the
/// run was removed and that is known.
/// </summary>
public static class ScheduleReconciliation
{
    private const string Check = "schedules";

    /// <summary>Checks every ledger.</summary>
    /// <param name="runs">Reads ledgers and runs.</param>
    /// <param name="settled">
    /// What was due until then must have an entry, and its run: a live service needs a moment. Null: no service runs, and what waits is done when one does.
    /// </param>
    public static SchedulesReconciled Of(IRunHistory runs, DateTimeOffset? settled)
    {
        var (removed, zones) = (runs.Removed(), new ScheduleZones());
        var found = new List<Difference>();
        long dueTimes = 0, started = 0, gone = 0, waiting = 0;
        var asked = 0L;
        var held = ScheduleHistory.AllOf(runs).Pause?.At;
        foreach (var stream in runs.SystemStreams())
        {
            if (stream.PartsOf("manual") is { } manual)
            {
                asked += Manual(runs, stream, $"{manual.Workflow}/{manual.Id}", removed, settled, found);
                continue;
            }
            var audit = new LedgerAudit(zones.TimesOf);
            var events = runs.ReadSystem(stream);
            if (!events.Any(e => e.Event is ScheduleEvent)) continue;
            foreach (var recorded in events) audit.Take(recorded);
            if (settled is { } instant) audit.Finish(instant, held);
            var key = audit.State.Key!;
            var refused = events.Select(e => e.Event).OfType<ScheduleFailed>().Select(f => f.RunId).ToHashSet();
            foreach (var starts in events.Select(e => e.Event).OfType<ScheduleStarts>())
            {
                if (audit.State.Pending.TryGetValue(starts.DueAt, out var pending) && pending.RunId == starts.RunId) waiting++;
                else if (refused.Contains(starts.RunId) || runs.FirstEvent(starts.RunId) is not null) continue;
                else if (removed.Contains(starts.RunId)) gone++;
                else found.Add(new(Check, key, $"run {starts.RunId}, due {starts.DueAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z", "there, or known to be removed", "missing"));
            }
            found.AddRange(audit.Differences.Select(d => new Difference(Check, key, "its entries", "one for each due time", d)));
            (dueTimes, started) = (dueTimes + audit.DueTimes, started + audit.Started);
        }
        return new(dueTimes, started, gone, waiting, found) { Asked = asked };
    }

    // Runs that users requested; returns how many.
    private static long Manual(IRunHistory runs, StreamId stream, string key, IReadOnlySet<RunId> removed, DateTimeOffset? settled, List<Difference> found)
    {
        var audit = new ManualAudit();
        foreach (var recorded in runs.ReadSystem(stream)) audit.Take(recorded);
        if (settled is { } instant) audit.Finish(instant);
        var pending = audit.State.Pending.Values.Select(p => p.RunId).ToHashSet();
        foreach (var run in audit.Started)
            if (!pending.Contains(run) && !audit.Refused.Contains(run) && !removed.Contains(run) && runs.FirstEvent(run) is null)
                found.Add(new(Check, key, $"run {run}, which was asked for", "there, or known to be removed", "missing"));
        found.AddRange(audit.Differences.Select(d => new Difference(Check, key, "its manual runs", "one run for each request", d)));
        return audit.Requests;
    }
}
