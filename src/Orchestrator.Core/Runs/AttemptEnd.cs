using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>Builds the event that closes an attempt: durations, process and log are the same for each.</summary>
internal sealed record AttemptEnd(Moment Now, double AttemptMs, ProcessFacts? Process, string? LogRef)
{
    public bool Resumed { get; init; }

    /// <summary>Why the attempt was lost; null: it was not.</summary>
    public LossCause? Loss { get; init; }

    public TaskCompleted Completed(TaskId id, TaskState task, TaskOutcome.Succeeded done) => new(id, task.Attempt)
    {
        DurationMs = Now.Since(task.StartedAt),
        AttemptDurationMs = AttemptMs,
        QueueMs = task.StartedAt.Since(task.ReadyAt),
        Attempts = task.Attempt,
        ExitCode = Process?.ExitCode,
        Outputs = done.Outputs.Count == 0 ? null : done.Outputs,
        OutputsFile = done.OutputsFile,
        OutputBytes = done.OutputBytes,
        SecretOutputs = done.SecretOutputs.IsDefaultOrEmpty ? null : done.SecretOutputs,
        Process = Process,
        LogRef = LogRef,
        Resumed = Now.IsResumedSince(task.StartedAt),
    };

    public TaskRetrying Retrying(TaskId id, TaskState task, TaskOutcome.Failed failed, TimeSpan delay) => new(id, task.Attempt)
    {
        NextAttempt = task.Attempt + 1,
        DelayMs = delay.TotalMilliseconds,
        RetryAt = Now.Utc.Later(delay),
        Error = failed.Message,
        ExceptionType = failed.ExceptionType,
        ErrorType = failed.Kind,
        ExitCode = Process?.ExitCode,
        AttemptDurationMs = AttemptMs,
        Process = Process,
        LogRef = LogRef,
        Resumed = Resumed,
        Loss = Loss,
    };

    public TaskFailed Failed(TaskDefinition definition, TaskState task, TaskOutcome.Failed failed, bool? allowed = null) => new(definition.Id, task.Attempt)
    {
        Error = failed.Message,
        ExceptionType = failed.ExceptionType,
        Kind = failed.Kind,
        Allowed = allowed ?? definition.AllowFailure,
        DurationMs = Now.Since(task.StartedAt),
        AttemptDurationMs = AttemptMs,
        QueueMs = task.StartedAt.Since(task.ReadyAt),
        Attempts = task.Attempt,
        ExitCode = Process?.ExitCode,
        Process = Process,
        LogRef = LogRef,
        Resumed = Resumed || Now.IsResumedSince(task.StartedAt),
        ClosesAttempt = Closes(task),
        Loss = Loss,
        Outputs = failed.Outputs.Count == 0 ? null : failed.Outputs,
        OutputsFile = failed.OutputsFile,
        OutputBytes = failed.OutputBytes,
    };

    /// <param name="stopped">What the attempt that was stopped hands on; null: nothing.</param>
    public TaskCancelled Cancelled(TaskId id, TaskState task, CancelReason reason, TaskOutcome? stopped = null) => new(id, task.Attempt, reason)
    {
        DurationMs = task.Attempt == 0 ? 0 : Now.Since(task.StartedAt),
        AttemptDurationMs = AttemptMs,
        Attempts = task.Attempt,
        Process = Process,
        LogRef = LogRef,
        Resumed = Resumed,
        ClosesAttempt = Closes(task),
        Outputs = stopped is null or { Outputs.Count: 0 } ? null : stopped.Outputs,
        OutputsFile = stopped?.OutputsFile,
        OutputBytes = stopped?.OutputBytes ?? 0,
    };

    // Only what the number of the attempt does not say: nearly every line would have it otherwise.
    private static bool? Closes(TaskState task) => task.Attempt > 0 && task.Status != TaskStatus.Running ? false : null;
}
