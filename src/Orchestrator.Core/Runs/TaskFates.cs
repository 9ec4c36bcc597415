namespace Orchestrator.Core.Runs;

/// <summary>Reads how a task ended.</summary>
public static class TaskFates
{
    /// <summary>How the task ended by this event; null where it goes on.</summary>
    public static TaskFate? Of(TaskEvent e) => e switch
    {
        TaskCompleted => TaskFate.Completed,
        TaskFailed { Allowed: true } => TaskFate.FailedAllowed,
        TaskFailed => TaskFate.Failed,
        TaskSkipped => TaskFate.Skipped,
        TaskCancelled => TaskFate.Cancelled,
        _ => null,
    };

    /// <summary>How a task in this state ended; null where it has not.</summary>
    /// <param name="status">Its state.</param>
    /// <param name="allowed">Whether its failure was allowed.</param>
    public static TaskFate? Of(TaskStatus status, bool allowed) => status switch
    {
        TaskStatus.Completed => TaskFate.Completed,
        TaskStatus.Failed => allowed ? TaskFate.FailedAllowed : TaskFate.Failed,
        TaskStatus.Skipped => TaskFate.Skipped,
        TaskStatus.Cancelled => TaskFate.Cancelled,
        _ => null,
    };
}
