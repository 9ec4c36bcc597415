using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>What the ledgers of triggers say.</summary>
/// <param name="Received">Deliveries that were taken.</param>
/// <param name="Fired">Runs they started.</param>
/// <param name="Refused">Deliveries that were refused or came again.</param>
/// <param name="Removed">Runs that were removed since.</param>
/// <param name="Waiting">Runs that are not known to be accepted yet.</param>
/// <param name="Differences">What does not hold.</param>
public sealed record TriggersReconciled(long Received, long Fired, long Refused, long Removed, long Waiting, IReadOnlyList<Difference> Differences);

/// <summary>
/// Compares the ledgers of triggers with themselves and with the runs: every delivery ends once, and what fired has
/// its run, or the run was removed and that is known.
/// </summary>
public static class TriggerReconciliation
{
    private const string Check = "triggers";

    /// <summary>Checks every ledger.</summary>
    /// <param name="runs">Reads ledgers and runs.</param>
    /// <param name="settled">What fired until then must have its run: a live service needs a moment. Null: no service
    /// runs, and what waits is done when one does.</param>
    public static TriggersReconciled Of(IRunHistory runs, DateTimeOffset? settled)
    {
        var removed = runs.Removed();
        var found = new List<Difference>();
        long received = 0, fired = 0, refused = 0, gone = 0, waiting = 0;
        foreach (var stream in runs.SystemStreams())
        {
            var events = runs.ReadSystem(stream);
            if (!events.Any(e => e.Event is TriggerEvent)) continue;
            var audit = new TriggerAudit();
            foreach (var recorded in events) audit.Take(recorded);
            if (settled is { } instant) audit.Finish(instant, seq => events.FirstOrDefault(e => e.Seq == seq)?.Time);
            var failed = events.Select(e => e.Event).OfType<TriggerFailed>().Select(f => f.RunId).ToHashSet();
            foreach (var run in events.Select(e => e.Event).OfType<TriggerFired>().Select(f => f.RunId))
            {
                if (audit.State.Pending.ContainsKey(run)) waiting++;
                else if (failed.Contains(run) || runs.FirstEvent(run) is not null) continue;
                else if (removed.Contains(run)) gone++;
                else found.Add(new(Check, audit.State.Key!, $"run {run}", "there, or known to be removed", "missing"));
            }
            found.AddRange(audit.Differences.Select(d => new Difference(Check, audit.State.Key!, "its entries", "one end for each delivery", d)));
            (received, fired, refused) = (received + audit.Received, fired + audit.Fired, refused + audit.Rejected + audit.Duplicates);
        }
        return new(received, fired, refused, gone, waiting, found);
    }
}
