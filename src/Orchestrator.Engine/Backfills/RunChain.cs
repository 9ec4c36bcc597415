using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Backfills;

/// <summary>A run and those that repeat it as its definition says.</summary>
internal static class RunChain
{
    /// <summary>How the last run of a chain ended, and which it is; no outcome: it has not ended.</summary>
    public static async Task<(BackfillOutcome? Outcome, RunId Last)> EndOfAsync(IRunHistory history, RunId run, CancellationToken stop)
    {
        for (var at = run; ;)
        {
            if (history.LastEvent(at)?.Event is not WorkflowEnded ended)
                return (history.FirstEvent(at) is null && history.Removed().Contains(at) ? BackfillOutcome.Unknown : null, at);
            if (ended is not WorkflowFailed) return (OutcomeOf(ended), at);
            var events = await history.ReadEventsAsync(at, stop).ConfigureAwait(false);
            if (events.Select(e => e.Event).OfType<WorkflowRetrying>().LastOrDefault() is not { } retrying) return (OutcomeOf(ended), at);
            at = retrying.NextRunId;
        }
    }

    public static BackfillOutcome OutcomeOf(WorkflowEnded end) => end switch
    {
        WorkflowCompleted => BackfillOutcome.Completed,
        WorkflowCancelled => BackfillOutcome.Cancelled,
        _ => BackfillOutcome.Failed,
    };
}
