using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Runs.Replay;

/// <summary>
/// Reads from the record what reached the run next. Events show it: some answer one input only, others are distinguished
/// by the state they came upon. What answers no input (a task that passes its gates, the end) follows from the input before.
/// </summary>
internal static class InputReading
{
    private static readonly ImmutableSortedDictionary<string, JsonElement> NoValues = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The input that the event after the state's version answers; <see cref="RunInput.Continue"/> where nothing came from outside.</summary>
    public static RunInput Next(RunState state, TurnRecord record)
    {
        var seq = state.Version + 1;
        return record.At(seq)!.Event switch
        {
            WorkflowCreated e => Created(e, record),
            WorkflowStarted e => new RunInput.Admit(e.InstanceId, e.Worker),
            WorkflowEventsLost e => new RunInput.EventsLost(e.LastSeq),
            WorkflowRecovered e => new RunInput.Recover(e.InstanceId, e.Reason, e.Worker),
            // The input that ends a pause follows the resumption.
            WorkflowResumed => record.At(seq + 1)?.Event is { } cause ? Of(state, cause) : new RunInput.Continue(),
            StageStarted when record.At(seq + 1)?.Event is TaskStarted started => Of(state, started),
            var e => Of(state, e),
        };
    }

    private static RunInput Of(RunState state, JournalEvent e) => e switch
    {
        WorkflowCancelRequested { Error: { } error } => new RunInput.Abort(error),
        WorkflowCancelRequested { Reason: CancelReason.RunTimeout } => new RunInput.RunTimeoutDue(),
        WorkflowCancelRequested { Reason: not CancelReason.FailFast } c => new RunInput.Cancel(c.Actor, c.Reason, c.Comment),
        WorkflowFailed f when state.NextRun is not null => new RunInput.RetryAccepted(f.RetryRefusal),
        SlaEvent s => new RunInput.SlaDue(s.Subject),
        TaskProgress p => new RunInput.Progress(p.Task, p.Attempt, p.Message, p.Percent),
        TaskRenewing r => new RunInput.Renew(r.Task, r.Attempt, r.Producer, r.Number),
        TaskRenewed r => new RunInput.Renewed(r.Task, r.Attempt, r.Producer, r.Number, r.DurationMs, r.LogRef),
        CheckpointApproved a => new RunInput.Approve(a.Task, a.By, a.Comment, a.Values ?? NoValues),
        CheckpointRejected r => new RunInput.Reject(r.Task, r.By, r.Comment),
        CheckpointExpired x => new RunInput.WaitDue(x.Task, x.Attempt),
        TaskEvent t when state.TryIndexOf(t.Task, out var index) => OfTask(state[index], t),
        _ => new RunInput.Continue(),
    };

    private static RunInput.Create Created(WorkflowCreated facts, TurnRecord record)
    {
        var reused = new List<TaskCompleted>();
        var seq = 2L;
        for (; record.At(seq)?.Event is not WorkflowQueued and not null; seq++)
            if (record.At(seq)!.Event is TaskCompleted { ReusedFrom: not null } taken) reused.Add(taken);
        return new(facts, record.At(seq)?.Event is WorkflowQueued queued ? queued.Position : 0, reused);
    }

    private static RunInput OfTask(TaskState task, TaskEvent e) => e switch
    {
        TaskStarted or TaskQueued when task is { Status: TaskStatus.Retrying, IsQueued: false } => new RunInput.RetryDue(e.Task, task.Attempt + 1),
        AttemptClosed when task.Status != TaskStatus.Running => new RunInput.Continue(),
        AttemptClosed closed when task.Wait is { HasRunner: false } wait => OfWait(wait, closed),
        AttemptClosed closed => new RunInput.AttemptFinished(e.Task, task.Attempt, Outcome(closed) with
        {
            Process = closed.Process, LogRef = closed.LogRef, Outputs = closed.Outputs ?? NoValues, OutputsFile = closed.OutputsFile, OutputBytes = closed.OutputBytes,
            SecretOutputs = (closed as TaskCompleted)?.SecretOutputs ?? [],
        }, closed.AttemptDurationMs),
        _ => new RunInput.Continue(),
    };

    private static RunInput OfWait(WaitState wait, AttemptClosed closed) => wait.Kind switch
    {
        WaitKind.Items => new RunInput.Continue(),
        WaitKind.Event when closed is TaskCompleted done => new RunInput.Signal(wait.EventName!, done.Outputs ?? NoValues),
        _ => new RunInput.WaitDue(closed.Task, wait.Attempt),
    };

    private static TaskOutcome Outcome(AttemptClosed e) => e switch
    {
        TaskCompleted => new TaskOutcome.Succeeded(),
        TaskCancelled => new TaskOutcome.Cancelled(),
        { Loss: LossCause.WorkerStopped } => new TaskOutcome.Interrupted(),
        // A server that asks to be left alone lengthens the delay within the policy's bounds, and only the delay tells.
        TaskRetrying { ErrorType: FailureKind.HttpStatus } r => new TaskOutcome.Failed(r.ErrorType, r.Error) { RetryAfter = TimeSpan.FromMilliseconds(r.DelayMs), ExceptionType = r.ExceptionType },
        TaskRetrying r => new TaskOutcome.Failed(r.ErrorType, r.Error) { ExceptionType = r.ExceptionType },
        TaskFailed f => new TaskOutcome.Failed(f.Kind, f.Error, IsRetryable(f)) { ExceptionType = f.ExceptionType },
        _ => throw new InvalidTransitionException($"{e.Type} closes no attempt."),
    };

    // Whether repeating can help with the end of a process, its exit code and the policy say. Of other failures the executor said it; lines older than the
    // fact only show that no attempt followed.
    private static bool IsRetryable(TaskFailed f) => f.Kind is FailureKind.ExitCode or FailureKind.Signal || f.RetryRefused is not (null or NoRetryReason.NotRetryable);
}
