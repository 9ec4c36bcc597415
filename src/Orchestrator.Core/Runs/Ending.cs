using System.Globalization;

namespace Orchestrator.Core.Runs;

/// <summary>How runs end: early, on request, and finally. The outcome is decided once, when the last task is terminal.</summary>
internal static class Ending
{
    private const int MostFailedTasks = 100;

    /// <summary>Ends the run early: nothing starts any more, what runs is stopped.</summary>
    public static void Stop(Turn turn, CancelReason reason, string actor)
    {
        var state = turn.State;
        turn.Emit(new WorkflowCancelRequested(reason, actor));
        for (var i = 0; i < state.Plan.Graph.Count; i++)
            if (state[i].Status is TaskStatus.Pending or TaskStatus.Retrying)
                turn.Emit(new Closing(turn.Now, 0, null, null).Cancelled(state.IdOf(i), state[i], reason));
    }

    public static void End(Turn turn)
    {
        var state = turn.State;
        var from = state.Status;
        var outcome = OutcomeOf(state);
        if (!state.IsFinalizing && from == RunStatus.Running) turn.Emit(new WorkflowFinalizing(outcome));
        var c = state.Counts;
        var since = from == RunStatus.Running ? state.StartedAt : state.CreatedAt;
        var ms = turn.Now.Since(since);
        var resumed = turn.Now.IsResumedSince(since);
        turn.Emit(outcome switch
        {
            RunStatus.Completed => new WorkflowCompleted
            {
                Total = c.Total, Completed = c.Completed, Failed = c.Failed, FailedAllowed = c.FailedAllowed, Skipped = c.Skipped, Cancelled = c.Cancelled,
                DurationMs = ms, Resumed = resumed, StatusFrom = from, Reason = Sentence(c), StagesExecuted = [.. Stages.Executed(state)],
            },
            RunStatus.Cancelled => new WorkflowCancelled
            {
                Total = c.Total, Completed = c.Completed, Failed = c.Failed, FailedAllowed = c.FailedAllowed, Skipped = c.Skipped, Cancelled = c.Cancelled,
                DurationMs = ms, Resumed = resumed, StatusFrom = from,
                CancelReason = state.CancelRequested ?? CancelReason.RunCancelled, RequestedBy = state.CancelActor, Reason = state.CancelRequested == CancelReason.Superseded ? $"superseded: {state.CancelActor}" : $"cancelled by {state.CancelActor}",
            },
            _ => Failed(state, ms, resumed, from),
        });
    }

    /// <summary>A wish to cancel counts only if it stopped something: a run that completes first has completed.</summary>
    private static RunStatus OutcomeOf(RunState state) =>
        state.AnyCancelledBy(CancelReason.RunCancelled) || state.AnyCancelledBy(CancelReason.Superseded) ? RunStatus.Cancelled
        : state.AnyCancelledBy(CancelReason.RunTimeout) || state.Counts.Failed > 0 ? RunStatus.Failed
        : RunStatus.Completed;

    private static WorkflowFailed Failed(RunState state, double ms, bool resumed, RunStatus from)
    {
        var c = state.Counts;
        var timedOut = state.AnyCancelledBy(CancelReason.RunTimeout);
        var kind = timedOut ? FailureKind.Timeout : state.FirstErrorKind;
        var error = timedOut
            ? string.Create(CultureInfo.InvariantCulture, $"The run took longer than its timeout of {state.Plan.Definition.Timeout!.Value.TotalSeconds} s.")
            : state.FirstError ?? "A task failed.";
        return new()
        {
            Total = c.Total, Completed = c.Completed, Failed = c.Failed, FailedAllowed = c.FailedAllowed, Skipped = c.Skipped, Cancelled = c.Cancelled,
            DurationMs = ms, Resumed = resumed, StatusFrom = from, Reason = Sentence(c),
            Error = error,
            ErrorType = kind,
            ErrorClass = ClassOf(kind),
            FailedStage = state.FailedTasks.Count > 0 ? state.Plan.Stages[state.Plan.StageOf(state.FailedTasks[0])] : null,
            FailedTasks = [.. state.FailedTasks.Take(MostFailedTasks).Select(state.IdOf)],
        };
    }

    /// <summary>The operator's question "whose fault": <c>worker_lost</c> and <c>panic</c> are the system's, timeouts their own class.</summary>
    private static ErrorClass ClassOf(FailureKind kind) => kind switch
    {
        FailureKind.Timeout => ErrorClass.Timeout,
        FailureKind.WorkerLost or FailureKind.Panic => ErrorClass.Internal,
        _ => ErrorClass.Task,
    };

    private static string Sentence(RunCounts c)
    {
        var parts = new List<string>(5);
        void Add(int n, string word) { if (n > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{n} {word}")); }
        Add(c.Completed, "completed");
        Add(c.Failed, "failed");
        Add(c.FailedAllowed, "failed (allowed)");
        Add(c.Skipped, "skipped");
        Add(c.Cancelled, "cancelled");
        return $"{string.Join(", ", parts)} of {c.Total.ToString(CultureInfo.InvariantCulture)} tasks";
    }
}
