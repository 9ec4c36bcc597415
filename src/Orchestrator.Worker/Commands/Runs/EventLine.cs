using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>An event as a line for people; null for events that say nothing new to a watcher.</summary>
internal static class EventLine
{
    public static string? Of(RecordedEvent recorded) => Text(recorded.Event)?.Replace(" RUN ", $" {Short(recorded.Stream)} ", StringComparison.Ordinal) is { } text
        ? $"{recorded.Time.UtcDateTime.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {Printable.Line(text)}" : null;

    // As much of the id as a command needs.
    private static string Short(StreamId stream) => stream.TryGetRun(out var run) ? run.ToString() : "RUN";

    private static string? Text(JournalEvent e) => e switch
    {
        WorkflowStarted s => $"run started: {s.TotalTasks} {(s.TotalTasks == 1 ? "task" : "tasks")}",
        WorkflowEventsLost l => $"events {l.FirstSeq} to {l.LastSeq} were delivered and are lost",
        WorkflowRecovered r => $"run taken over: {r.Reason}",
        WorkflowCancelRequested { Error: { } error } => error,
        WorkflowCancelRequested c => $"cancel requested by {c.Actor} ({Words.Of(c.Reason)}){(c.Comment is null ? "" : $": {c.Comment}")}",
        TaskStarted { Attempt: 1 } t => $"{t.Task} started",
        TaskStarted t when t.Attempt <= t.MaxAttempts => $"{t.Task} started, attempt {t.Attempt} of {t.MaxAttempts}",
        // A lost attempt does not count, so the number may pass the most that may fail.
        TaskStarted t => $"{t.Task} started, attempt {t.Attempt}",
        TaskCompleted { ReusedFrom: { } earlier } t => $"{t.Task} taken over from run {earlier}",
        TaskCompleted t => $"{t.Task} completed in {Printable.Duration(t.DurationMs)}",
        TaskRetrying { ErrorType: FailureKind.WorkerLost } t => $"{t.Task}: {t.Error.TrimEnd('.')}; attempt {t.NextAttempt} follows",
        TaskRetrying t => $"{t.Task} attempt {t.Attempt} failed: {t.Error}; attempt {t.NextAttempt} in {Printable.Duration(t.DelayMs)}",
        TaskFailed { Allowed: true } t => $"{t.Task} failed (allowed): {t.Error}",
        TaskFailed t => $"{t.Task} failed: {t.Error}",
        TaskSkipped t => $"{t.Task} skipped ({Words.Of(t.Reason)})",
        TaskCancelled t => $"{t.Task} cancelled ({Words.Of(t.Reason)})",
        TaskWaiting { WaitsFor: WaitKind.Time, Until: { } until } t => $"{t.Task} waits until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z",
        TaskWaiting { WaitsFor: WaitKind.Event } t => $"{t.Task} waits for event '{t.EventName}': orchestrator signal RUN {t.EventName}",
        TaskWaiting { WaitsFor: WaitKind.Poll } t => $"{t.Task} waits until its check succeeds",
        TaskWaiting { ChildRunId: { } child } t => $"{t.Task} waits for run {child}",
        TaskExpanded t => $"{t.Task} became {t.Items.GetArrayLength()} tasks",
        CheckpointPending c => $"{c.Task} asks: {c.Prompt} (orchestrator approve RUN {c.Task}; until {c.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm}Z)",
        CheckpointApproved c => $"{c.Task} approved by {c.By} ({c.Count} of {c.Required})",
        CheckpointRejected c => $"{c.Task} rejected by {c.By}",
        CheckpointExpired c => $"{c.Task}: no answer in time",
        TaskRenewing r => $"{r.Task} runs {r.Producer} again: its secret results ({string.Join(", ", r.SecretOutputs)}) were lost with their process",
        TaskRenewed r => $"{r.Task} has the secret results of {r.Producer} again, in {Printable.Duration(r.DurationMs)}",
        TaskProgress { Percent: { } percent } p => $"{p.Task} {percent.ToString("0.#", CultureInfo.InvariantCulture)} %{(p.Message is null ? "" : " " + p.Message)}",
        TaskProgress p => $"{p.Task}: {p.Message}",
        SlaAtRisk s => $"{s.Subject?.ToString() ?? "run"} may take longer than the {Printable.Duration(s.ExpectedMs)} expected",
        SlaExceeded s => $"{s.Subject?.ToString() ?? "run"} takes longer than the {Printable.Duration(s.ExpectedMs)} expected",
        WorkflowPaused p => $"run paused: {p.Reason}",
        WorkflowRetrying r => $"run is restarted as {r.NextRunId} in {Printable.Duration(r.DelayMs)}",
        WorkflowEnded w => $"run {Words.Of(w.StatusTo)} in {Printable.Duration(w.DurationMs)}",
        _ => null,
    };
}
