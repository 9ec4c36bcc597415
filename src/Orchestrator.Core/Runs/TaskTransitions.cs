namespace Orchestrator.Core.Runs;

/// <summary>The state machine of a task as a table; everything not in it is an error.</summary>
public static class TaskTransitions
{
    /// <summary>The state an event leads to.</summary>
    /// <exception cref="InvalidTransitionException">The event is not possible in that state.</exception>
    public static TaskStatus Next(TaskStatus from, TaskEvent e) => (from, e) switch
    {
        (TaskStatus.Pending or TaskStatus.Retrying, TaskQueued) => from,
        (TaskStatus.Pending or TaskStatus.Retrying, TaskStarted) => TaskStatus.Running,
        (TaskStatus.Running, TaskRetrying) => TaskStatus.Retrying,
        (TaskStatus.Running, TaskCompleted { Attempt: > 0 }) => TaskStatus.Completed,
        (TaskStatus.Pending, TaskCompleted { Attempt: 0, ReusedFrom: not null }) => TaskStatus.Completed,
        (TaskStatus.Running, TaskWaiting or TaskExpanded or TaskProgress or TaskRenewing or TaskRenewed
            or CheckpointPending or CheckpointApproved or CheckpointRejected or CheckpointExpired) => from,
        (TaskStatus.Running or TaskStatus.Retrying, TaskFailed) => TaskStatus.Failed,
        (TaskStatus.Pending, TaskFailed { Attempt: 0 }) => TaskStatus.Failed,
        (TaskStatus.Pending, TaskSkipped) => TaskStatus.Skipped,
        (TaskStatus.Pending or TaskStatus.Running or TaskStatus.Retrying, TaskCancelled) => TaskStatus.Cancelled,
        _ => throw new InvalidTransitionException($"Task '{e.Task}' cannot go from {Words.Of(from)} by {e.Type}."),
    };
}
