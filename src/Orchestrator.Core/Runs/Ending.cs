using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Runs;

/// <summary>How runs end: early, on request, and finally. The outcome is decided once, when the last task is terminal.</summary>
internal static class Ending
{
    private const int MaxFailedTasks = 100;

    /// <summary>Ends the run early: nothing starts any more, what runs is stopped, waits end. Once the outcome is fixed it ends the handlers.</summary>
    /// <param name="error">What went wrong in the program itself, so that the run fails; null: nothing did.</param>
    /// <param name="comment">Why, in the requester's words.</param>
    public static void Stop(Turn turn, CancelReason reason, string actor, string? error = null, string? comment = null)
    {
        var state = turn.State;
        Waiting.Resume(turn, "the run is to end");
        turn.Emit(new WorkflowCancelRequested(reason, actor) { Error = error, Comment = comment });
        var handling = state.Outcome is not null;
        for (var i = 0; i < state.TaskCount; i++)
        {
            if (state.Plan.IsHandler(i) != handling) continue;
            var task = state[i];
            if (task.Wait is { HasRunner: false, Kind: not WaitKind.Items })
                Waiting.Cancel(turn, i, reason);
            else if (task.Status == TaskStatus.Retrying || task.Status == TaskStatus.Pending && (!handling || task.IsQueued))
                turn.Emit(new AttemptEnd(turn.Now, 0, null, null).Cancelled(state.IdOf(i), task, reason));
        }
    }

    /// <summary>The last task is terminal: the outcome is fixed, handlers run, a failed run may be restarted, and then the terminal event follows.</summary>
    public static void End(Turn turn)
    {
        var state = turn.State;
        if (state.Status == RunStatus.Running)
        {
            if (state.Outcome is null) turn.Emit(Finalizing(state));
            if (!HandlersDone(turn)) return;
            if (state.NextRun is not null) return;   // its acceptance is waited for
            if (RetryDelay(state) is { } delay)
            {
                var attempt = Attempt(state) + 1;
                turn.Emit(new WorkflowRetrying(RunId.ForRetry(state.Id, turn.Now.Utc), attempt, turn.Now.Utc.Later(delay)) { DelayMs = delay.TotalMilliseconds });
                return;
            }
        }
        Finish(turn, null);
    }

    /// <summary>The one terminal event.</summary>
    /// <param name="retryRefusal">Why the run that was to repeat this one could not be accepted; null where it was, or none was to.</param>
    public static void Finish(Turn turn, string? retryRefusal)
    {
        var state = turn.State;
        var from = state.Status;
        var outcome = state.Outcome ?? OutcomeOf(state);
        var c = state.Counts;
        var since = from == RunStatus.Running ? state.StartedAt : state.CreatedAt;
        var ms = turn.Now.Since(since);
        var resumed = turn.Now.IsResumedSince(since);
        WorkflowEnded end = outcome switch
        {
            RunStatus.Completed => new WorkflowCompleted
            {
                Counts = c, DurationMs = ms, Resumed = resumed, StatusFrom = from, Reason = Sentence(c), StagesExecuted = [.. Stages.Executed(state)],
                WorkflowResult = state.Plan.Outputs.IsEmpty ? null : Results(state),
            },
            RunStatus.Cancelled => new WorkflowCancelled
            {
                Counts = c, DurationMs = ms, Resumed = resumed, StatusFrom = from,
                CancelReason = state.CancelRequested ?? CancelReason.RunCancelled, RequestedBy = state.CancelActor,
                Reason = state.CancelRequested == CancelReason.Superseded ? $"superseded: {state.CancelActor}" : $"cancelled by {state.CancelActor}",
            },
            _ => Failed(state, ms, resumed, from, retryRefusal),
        };
        turn.Emit(end with { HandlersFailed = state.Tasks.HandlersFailed });
    }

    /// <summary>What made the run fail, in a sentence; null where nothing did.</summary>
    public static string? ErrorOf(RunState state)
    {
        if (!IsPanic(state) && state.Tasks.AnyCancelledBy(CancelReason.RunTimeout) && state.Plan.Definition.Timeout is not null) return TimeoutOf(state);
        return state.OwnError ?? state.Tasks.FirstError;
    }

    /// <summary>Says that the run had no time left.</summary>
    public static string TimeoutOf(RunState state) => state.Plan.Definition.Timeout is { } timeout
        ? string.Create(CultureInfo.InvariantCulture, $"The run took longer than its timeout of {timeout.TotalSeconds} s.")
        : "The run took longer than its timeout.";

    private static WorkflowFinalizing Finalizing(RunState state)
    {
        var outcome = OutcomeOf(state);
        if (outcome != RunStatus.Completed) return new(outcome);
        try
        {
            if (!state.Plan.Outputs.IsEmpty) Results(state);
            return new(outcome);
        }
        catch (ExpressionException e)
        {
            return new(RunStatus.Failed) { Error = $"The run's results cannot be worked out: {e.Message}" };
        }
    }

    private static ImmutableSortedDictionary<string, JsonElement> Results(RunState state) => state.Plan.Outputs.Render(Scopes.For(state, state.Plan.Outputs.References));

    /// <summary>Starts the next handler once the one before has ended. False while there are any.</summary>
    private static bool HandlersDone(Turn turn)
    {
        var state = turn.State;
        while (state.Handlers.TryPeek(out var handler))
        {
            if (state[handler] is not { Status: TaskStatus.Pending, IsQueued: false } task) return false;
            if (state.HandlersStoppedBy is { } reason) turn.Emit(new AttemptEnd(turn.Now, 0, null, null).Cancelled(state.IdOf(handler), task, reason));
            else if (!Advancing.Closed(turn, handler)) Starting.StartOrQueue(turn, handler);
        }
        return true;
    }

    private static int Attempt(RunState state) => Math.Max(1, state.Created!.RunAttempt);

    private static TimeSpan? RetryDelay(RunState state)
    {
        if (state.Outcome != RunStatus.Failed || state.HandlersCancelled || state.Plan.Definition.Retry is not { } policy) return null;
        var used = Attempt(state);
        if (used >= policy.MaxAttempts || policy.OnKinds.Length > 0 && !policy.OnKinds.Contains(KindOf(state))) return null;
        return policy.DelayAfter(used);
    }

    /// <summary>A wish to cancel counts only if it stopped something: a run that completes first has completed.</summary>
    private static RunStatus OutcomeOf(RunState state) =>
        IsPanic(state) ? RunStatus.Failed
        : state.Tasks.AnyCancelledBy(CancelReason.RunCancelled) || state.Tasks.AnyCancelledBy(CancelReason.Superseded) ? RunStatus.Cancelled
        : state.Tasks.AnyCancelledBy(CancelReason.RunTimeout) || state.Counts.Failed > 0 ? RunStatus.Failed
        : RunStatus.Completed;

    private static bool IsPanic(RunState state) => state is { OwnError: not null, OwnErrorKind: FailureKind.Panic };

    private static FailureKind KindOf(RunState state) =>
        IsPanic(state) ? FailureKind.Panic : state.Tasks.AnyCancelledBy(CancelReason.RunTimeout) ? FailureKind.Timeout : state.OwnError is not null ? state.OwnErrorKind : state.Tasks.FirstErrorKind;

    private static WorkflowFailed Failed(RunState state, double ms, bool resumed, RunStatus from, string? retryRefusal)
    {
        var c = state.Counts;
        var kind = KindOf(state);
        var reason = state.NextRun is not { } next ? Sentence(c)
            : retryRefusal is null ? $"{Sentence(c)}; started anew as {next.NextRunId}"
            : $"{Sentence(c)}; it could not be started anew: {retryRefusal}";
        return new()
        {
            Counts = c, DurationMs = ms, Resumed = resumed, StatusFrom = from, Reason = reason,
            RetryRefusal = state.NextRun is null ? null : retryRefusal,
            Error = ErrorOf(state) ?? "A task failed.",
            ErrorType = kind,
            ErrorClass = ErrorClasses.Of(kind),
            FailedStage = state.Tasks.Failed.Count > 0 ? state.Plan.Stages[state.StageOf(state.Tasks.Failed[0])] : null,
            FailedTasks = [.. state.Tasks.Failed.Take(MaxFailedTasks).Select(state.IdOf)],
        };
    }

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
