using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>Holds the ledgers of schedules against the runs: what fired has its run, or the run was removed and that is known.</summary>
public static class ScheduleReconciliation
{
    private const string Check = "schedules";

    /// <summary>How many due times that fired the ledgers still have, how many of their runs were removed since, and those without a run.</summary>
    /// <param name="runs">Reads ledgers and runs.</param>
    /// <param name="due">Whether the run of a due time that fired then must be there: whoever starts it may need a moment.</param>
    public static (long Fired, long Removed, IReadOnlyList<Difference> Differences) Of(IRunHistory runs, Func<DateTimeOffset, bool> due)
    {
        var removed = runs.Removed();
        var found = new List<Difference>();
        long count = 0, gone = 0;
        foreach (var stream in runs.SystemStreams())
            foreach (var recorded in runs.ReadSystem(stream))
            {
                if (recorded.Event is not ScheduleFired fired) continue;
                count++;
                if (runs.FirstEvent(fired.RunId) is not null) continue;
                if (removed.Contains(fired.RunId)) gone++;
                else if (due(recorded.Time)) found.Add(new(Check, $"{fired.Workflow}/{fired.ScheduleId}", $"run {fired.RunId}, due {fired.DueAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z", "there, or known to be removed", "missing"));
            }
        return (count, gone, found);
    }
}
