using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Index;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Index;

/// <summary>What stands in which column. Names and values are in the same order.</summary>
internal static class IndexRows
{
    /// <summary>Where runs of our own journal come from.</summary>
    public const string FromJournal = "journal";

    public static IReadOnlyList<string> Run { get; } =
    [
        "run_id", "last_seq", "last_event_us", "workflow", "definition_version", "tenant", "project", "status", "trigger", "schedule_key", "due_us",
        "requested_by", "correlation_id", "parent_run_id", "retry_of", "created_us", "queued_us", "started_us", "ended_us", "queue_ms", "duration_ms",
        "tasks_total", "tasks_completed", "tasks_failed", "tasks_failed_allowed", "tasks_skipped", "tasks_cancelled", "retries", "node", "source",
        "cpu_ms", "peak_bytes", "io_bytes", "error_class", "error_type", "error", "failed_stage", "failed_task", "params", "labels",
    ];

    public static IReadOnlyList<string> Task { get; } =
    [
        "run_id", "task", "workflow", "tenant", "stage", "role", "status", "attempts", "started_us", "ended_us", "queue_ms", "duration_ms", "attempt_ms",
        "expected_ms", "executor", "cpu_ms", "peak_bytes", "io_bytes", "critical", "exit_code", "kind", "error", "reason", "allowed",
    ];

    public static IReadOnlyList<string> Attempt { get; } =
        ["run_id", "task", "attempt", "workflow", "ended_us", "duration_ms", "kind", "exit_code", "error"];

    public static object?[] Values(IndexedRun run, byte[] id) =>
    [
        id, run.LastSeq, IndexDatabase.Micros(run.LastEventAt), run.Workflow, run.DefinitionVersion, run.Tenant, run.Project,
        StatusNumbers.Of(run.Status), Words.Of(run.Trigger), run.ScheduleKey, Micros(run.DueAt),
        run.RequestedBy, run.CorrelationId, Bytes(run.ParentRunId), Bytes(run.RetryOf), Micros(run.CreatedAt), Micros(run.QueuedAt), Micros(run.StartedAt),
        Micros(run.EndedAt), run.QueueMs, run.DurationMs,
        run.Counts.Total, run.Counts.Completed, run.Counts.Failed, run.Counts.FailedAllowed, run.Counts.Skipped, run.Counts.Cancelled, run.Retries,
        run.Node, FromJournal, run.Usage?.CpuMs, run.Usage?.PeakMemoryBytes, Io(run.Usage),
        run.ErrorClass is { } part ? Words.Of(part) : null, run.ErrorType is { } kind ? Words.Of(kind) : null, run.Error, run.FailedStage,
        run.FailedTask?.ToString(), Json(json => json.Values("params"u8, run.Params)), Json(json => json.Texts("labels"u8, run.Labels)),
    ];

    public static object?[] Values(IndexedRun run, byte[] id, IndexedTask task) =>
    [
        id, task.Task.ToString(), run.Workflow, run.Tenant, task.Stage, task.Role, StatusNumbers.Of(task.Status), task.Attempts,
        Micros(task.StartedAt), Micros(task.EndedAt), task.QueueMs, task.DurationMs, task.AttemptMs, task.ExpectedMs, task.Executor,
        task.Usage?.CpuMs, task.Usage?.PeakMemoryBytes, Io(task.Usage), task.IsCritical is { } critical ? (critical ? 1 : 0) : null, task.ExitCode,
        task.Kind is { } kind ? Words.Of(kind) : null, task.Error, task.Reason, task.Allowed ? 1 : 0,
    ];

    public static object?[] Values(IndexedRun run, byte[] id, IndexedTask task, IndexedAttempt attempt) =>
    [
        id, task.Task.ToString(), attempt.Attempt, run.Workflow, IndexDatabase.Micros(attempt.EndedAt), attempt.DurationMs,
        attempt.Kind is { } kind ? Words.Of(kind) : null, attempt.ExitCode, attempt.Error,
    ];

    private static long? Micros(DateTimeOffset? time) => time is { } at ? IndexDatabase.Micros(at) : null;

    private static byte[]? Bytes(RunId? run) => run is { } id ? IndexDatabase.Bytes(id) : null;

    private static long? Io(ProcessUsage? usage) => usage is null ? null : usage.DiskReadBytes + usage.DiskWriteBytes;

    // The value of the only property that is written.
    private static string Json(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        var text = Encoding.UTF8.GetString(bytes.WrittenSpan);
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..^1];
    }
}
