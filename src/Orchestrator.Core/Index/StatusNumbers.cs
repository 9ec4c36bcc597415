namespace Orchestrator.Core.Index;

/// <summary>States as the index stores them: fixed numbers, whatever the order of the enumerations is.</summary>
public static class StatusNumbers
{
    private static readonly (RunStatus Status, int Number)[] s_runs =
    [
        (RunStatus.Pending, 1), (RunStatus.Queued, 2), (RunStatus.Running, 3), (RunStatus.Paused, 4),
        (RunStatus.Completed, 5), (RunStatus.Failed, 6), (RunStatus.Cancelled, 7),
    ];

    private static readonly (TaskStatus Status, int Number)[] s_tasks =
    [
        (TaskStatus.Pending, 1), (TaskStatus.Running, 3), (TaskStatus.Retrying, 4),
        (TaskStatus.Completed, 5), (TaskStatus.Failed, 6), (TaskStatus.Cancelled, 7), (TaskStatus.Skipped, 8),
    ];

    /// <summary>Every state of a run with its number.</summary>
    public static IReadOnlyList<(RunStatus Status, int Number)> Runs => s_runs;

    /// <summary>Every state of a task with its number.</summary>
    public static IReadOnlyList<(TaskStatus Status, int Number)> Tasks => s_tasks;

    /// <summary>1 pending, 2 queued, 3 running, 4 paused, 5 completed, 6 failed, 7 cancelled.</summary>
    public static int Of(RunStatus status) => Array.Find(s_runs, s => s.Status == status).Number;

    /// <summary>1 pending, 3 running, 4 retrying, 5 completed, 6 failed, 7 cancelled, 8 skipped.</summary>
    public static int Of(TaskStatus status) => Array.Find(s_tasks, s => s.Status == status).Number;

    /// <summary>The state of a run with a number.</summary>
    /// <exception cref="FormatException">No state has it: a newer version wrote it.</exception>
    public static RunStatus RunStatusOf(int number) => Array.Find(s_runs, s => s.Number == number) is { Number: > 0 } found
        ? found.Status : throw new FormatException($"No state of a run has the number {number}.");

    /// <summary>The state of a task with a number.</summary>
    /// <exception cref="FormatException">No state has it: a newer version wrote it.</exception>
    public static TaskStatus TaskStatusOf(int number) => Array.Find(s_tasks, s => s.Number == number) is { Number: > 0 } found
        ? found.Status : throw new FormatException($"No state of a task has the number {number}.");
}
