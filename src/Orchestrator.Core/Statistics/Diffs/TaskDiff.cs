using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;

namespace Orchestrator.Core.Statistics.Diffs;

/// <summary>How a task of two runs differs. What is the same is null or empty, durations aside.</summary>
/// <param name="Id">The task.</param>
/// <param name="Before">State in the earlier run; null: it has no such task.</param>
/// <param name="After">State in the later run; null: it has no such task.</param>
public sealed record TaskDiff(TaskId Id, TaskStatus? Before, TaskStatus? After)
{
    /// <summary>Milliseconds; null where it never ran.</summary>
    public Change<double?> DurationMs { get; init; }

    /// <summary>Attempts made.</summary>
    public Change<int>? Attempts { get; init; }

    /// <summary>Exit code of its process.</summary>
    public Change<int?>? ExitCode { get; init; }

    /// <summary>Why it failed, was skipped or cancelled, as a word.</summary>
    public Change<string?>? Reason { get; init; }

    /// <summary>Program of its last attempt.</summary>
    public Change<string?>? Program { get; init; }

    /// <summary>Results that are another, by name.</summary>
    public ImmutableArray<ValueDiff> Results { get; init; } = [];

    /// <summary>Nothing differs but its duration.</summary>
    public bool IsSame => Before == After && this is { Attempts: null, ExitCode: null, Reason: null, Program: null, Results.IsEmpty: true };

    internal static TaskDiff Of(TaskView? before, TaskView? after)
    {
        var diff = new TaskDiff((after ?? before)!.Id, before?.Status, after?.Status) { DurationMs = new(Ran(before), Ran(after)) };
        return before is null || after is null ? diff : diff with
        {
            Attempts = RunDiff.Differ(before.Attempts, after.Attempts),
            ExitCode = RunDiff.Differ(before.ExitCode, after.ExitCode),
            Reason = RunDiff.Differ(before.Reason, after.Reason),
            Program = RunDiff.Differ(ProgramOf(before), ProgramOf(after)),
            Results = RunDiff.Values(before.Outputs, after.Outputs),
        };
    }

    private static double? Ran(TaskView? task) => task?.StartedAt is null ? null : task.DurationMs;

    private static string? ProgramOf(TaskView task) => task.History.IsEmpty ? null : task.History[^1].Executable;
}
