namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>What an event makes of a task of a run.</summary>
internal static class TaskStep
{
    public static DagTask After(DagTask task, DagLogEvent e) => e.Event switch
    {
        "task_start" => task with { Status = task.EndedAt is null ? "running" : task.Status, StartedAt = task.StartedAt ?? e.Timestamp },
        "task_retry" => task with { Status = "retrying", Attempts = e.Attempt ?? (task.Attempts ?? 0) + 1, Error = e.Error },
        "task_ok" => Ended(task, e) with { Status = "completed", Attempts = e.Attempt ?? task.Attempts, Error = null },
        // The failed attempt is one more than those that were repeated.
        "task_fail" => Ended(task, e) with { Status = "failed", Attempts = e.Attempt ?? (task.Attempts ?? 0) + 1, Error = e.Error },
        _ => task,
    };

    /// <summary>Seconds between two instants; null where one is unknown or they are the wrong way round.</summary>
    public static double? Seconds(DateTimeOffset? start, DateTimeOffset? end) => start <= end ? (end - start)?.TotalSeconds : null;

    private static DagTask Ended(DagTask task, DagLogEvent e) =>
        task with { EndedAt = e.Timestamp, DurationSeconds = e.DurationSeconds ?? Seconds(task.StartedAt, e.Timestamp) };
}
