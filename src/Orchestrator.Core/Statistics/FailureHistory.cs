namespace Orchestrator.Core.Statistics;

/// <summary>How a run ended.</summary>
/// <param name="EndedAt">When.</param>
/// <param name="IsCompleted">It completed; else it failed. Cancelled runs are no outcome.</param>
public readonly record struct RunOutcome(DateTimeOffset EndedAt, bool IsCompleted);

/// <summary>What the finished runs of a workflow, schedule or tenant say about failing and recovering.</summary>
/// <param name="Streak">Runs that failed since the last one that completed; of all of them where none completed.</param>
/// <param name="MttrMs">Mean milliseconds from the first failure after a success to the next success; null where that never happened.</param>
/// <param name="Recoveries">Such stretches; one that still lasts, or began before the first success, is none.</param>
/// <param name="LastSuccess">End of the last run that completed; null: none did.</param>
/// <param name="FailingSince">End of the first failure of the streak; null where the streak is 0.</param>
public sealed record FailureHistory(int Streak, double? MttrMs, int Recoveries, DateTimeOffset? LastSuccess, DateTimeOffset? FailingSince)
{
    /// <summary>Time since the last success; null where there was none. Never negative.</summary>
    public TimeSpan? SinceSuccess(DateTimeOffset now) => LastSuccess is { } last ? now > last ? now - last : TimeSpan.Zero : null;

    /// <summary>The history of these runs, in any order. Of runs that ended at the same instant the failed ones count first.</summary>
    public static FailureHistory Of(IEnumerable<RunOutcome> runs)
    {
        var (streak, recoveries, repair) = (0, 0, TimeSpan.Zero);
        DateTimeOffset? success = null, failing = null;
        foreach (var run in runs.OrderBy(r => r.EndedAt).ThenBy(r => r.IsCompleted))
        {
            if (!run.IsCompleted)
            {
                if (streak++ == 0) failing = run.EndedAt;
                continue;
            }
            // Of failures before the first success it is not known when they began.
            if (failing is { } since && success is not null)
            {
                recoveries++;
                repair += run.EndedAt - since;
            }
            (streak, failing, success) = (0, null, run.EndedAt);
        }
        return new(streak, recoveries == 0 ? null : repair.TotalMilliseconds / recoveries, recoveries, success, failing);
    }
}
