using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Runs;

namespace Orchestrator.Worker.Commands;

/// <summary>An event as a line for people; null for those that say nothing new to somebody who watches.</summary>
internal static class EventLine
{
    public static string? Of(RecordedEvent recorded) => Text(recorded.Event) is { } text
        ? $"{recorded.Time.UtcDateTime.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {Printable.Line(text)}" : null;

    private static string? Text(JournalEvent e) => e switch
    {
        WorkflowStarted s => $"run started: {s.TotalTasks} {(s.TotalTasks == 1 ? "task" : "tasks")}",
        WorkflowRecovered r => $"run taken over: {r.Reason}",
        WorkflowCancelRequested c => $"cancel requested by {c.Actor} ({Words.Of(c.Reason)})",
        TaskStarted { Attempt: 1 } t => $"{t.Task} started",
        TaskStarted t when t.Attempt <= t.MaxAttempts => $"{t.Task} started, attempt {t.Attempt} of {t.MaxAttempts}",
        // A lost attempt does not count, so the number may pass the most that may fail.
        TaskStarted t => $"{t.Task} started, attempt {t.Attempt}",
        TaskCompleted t => $"{t.Task} completed in {Printable.Duration(t.DurationMs)}",
        TaskRetrying { ErrorType: FailureKind.WorkerLost } t => $"{t.Task}: {t.Error.TrimEnd('.')}; attempt {t.NextAttempt} follows",
        TaskRetrying t => $"{t.Task} attempt {t.Attempt} failed: {t.Error}; attempt {t.NextAttempt} in {Printable.Duration(t.DelayMs)}",
        TaskFailed { Allowed: true } t => $"{t.Task} failed, which is allowed: {t.Error}",
        TaskFailed t => $"{t.Task} failed: {t.Error}",
        TaskSkipped t => $"{t.Task} skipped ({Words.Of(t.Reason)})",
        TaskCancelled t => $"{t.Task} cancelled ({Words.Of(t.Reason)})",
        WorkflowEnded w => $"run {Words.Of(w.StatusTo)} in {Printable.Duration(w.DurationMs)}",
        _ => null,
    };
}
