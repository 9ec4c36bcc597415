using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>All gates but the slot are open. Only written for a task that does not start in the same turn.</summary>
[EventType("task.queued", 4020, EventSeverity.Debug)]
public sealed partial record TaskQueued(TaskId Task, [property: Recurring] string Reason) : TaskEvent(Task, 0)
{
    /// <summary>The pool that has no room; null where a slot of the worker or the run is missing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Recurring]
    public string? Pool { get; init; }
}

/// <summary>An attempt begins. Written before the spawn.</summary>
[EventType("task.started", 4021, EventSeverity.Info)]
public sealed partial record TaskStarted(TaskId Task, int Attempt, int MaxAttempts, [property: Recurring] string Executor) : TaskEvent(Task, Attempt);

/// <summary>What closes an attempt: how long it took and what its process was.</summary>
public abstract record AttemptClosed(TaskId Task, int Attempt) : TaskEvent(Task, Attempt)
{
    /// <summary>Milliseconds of this attempt.</summary>
    public double AttemptDurationMs { get; init; }

    /// <summary>True when the attempt was closed by another process than the one that started it; its duration is by the wall clock.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Resumed { get; init; }

    /// <summary>The process, for kinds that have one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProcessFacts? Process { get; init; }

    /// <summary>The attempt's log, relative to the run's folder; null when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LogRef { get; init; }

    /// <summary>Full name of the type of the exception that made the attempt fail; null where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Recurring]
    public string? ExceptionType { get; init; }

    /// <summary>
    /// False where the task ends between two attempts: the event names the latest attempt, which is closed already. Null: it closes the attempt it
    /// names, or the line is older than this fact; <see cref="AttemptLedger"/> tells for both.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ClosesAttempt { get; init; }

    /// <summary>Why the attempt was lost; null: it was not lost.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LossCause? Loss { get; init; }

    /// <summary>What a task that ended hands on, complete in memory wherever it is stored; null when there is nothing or its file has not been read.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, JsonElement>? Outputs { get; init; }

    /// <summary>File of results over 4 KiB, relative to the run's folder, durable before this event; null: they stand in the event.</summary>
    [JsonIgnore]
    public string? OutputsFile { get; init; }

    /// <summary>Size of the results as JSON.</summary>
    [JsonIgnore]
    public long OutputBytes { get; init; }

    /// <summary>Why no other attempt follows although some were left; null: none was left, another follows, or the line is older than this fact.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NoRetryReason? RetryRefused { get; init; }
}

/// <summary>The process of an attempt.</summary>
/// <param name="Executable">File name of the program.</param>
/// <param name="Pid">Its process id.</param>
/// <param name="ExitCode">Its exit code; null when a signal ended it.</param>
/// <param name="Signal">The signal's number, if one ended it.</param>
/// <param name="LeftBehind">Descendants still alive after a success.</param>
/// <param name="Usage">What it used; null where that is not known.</param>
public sealed record ProcessFacts([property: Recurring] string Executable, int Pid, int? ExitCode, int? Signal = null, int LeftBehind = 0, ProcessUsage? Usage = null);

/// <summary>An attempt succeeded and the task with it.</summary>
[EventType("task.completed", 4022, EventSeverity.Info)]
public sealed partial record TaskCompleted(TaskId Task, int Attempt) : AttemptClosed(Task, Attempt)
{
    /// <summary>Milliseconds from the first attempt's start, waits included.</summary>
    public double DurationMs { get; init; }

    /// <summary>Milliseconds between all dependencies terminal and the first attempt's start.</summary>
    public double QueueMs { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>The process's exit code.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ExitCode { get; init; }

    /// <summary>The run this result was taken over from; null for a result of this run. Attempt is 0 then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunId? ReusedFrom { get; init; }

    /// <summary>Names of results that are secret: only the process that executes the run has their values, in memory. Null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? SecretOutputs { get; init; }

    /// <summary>Results as they are journaled: those of up to 4 KiB.</summary>
    [JsonPropertyName("outputs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, JsonElement>? InlineOutputs
    {
        get => OutputsFile is null ? Outputs : null;
        init => Outputs = value;
    }

    /// <summary>The file of larger ones as it is journaled.</summary>
    [JsonPropertyName("outputs_file"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JournaledFile
    {
        get => OutputsFile;
        init => OutputsFile = value;
    }

    /// <summary>The size as it is journaled.</summary>
    [JsonPropertyName("output_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long JournaledBytes
    {
        get => OutputBytes;
        init => OutputBytes = value;
    }
}

/// <summary>An attempt failed and another will follow.</summary>
[EventType("task.retrying", 4023, EventSeverity.Warn)]
public sealed partial record TaskRetrying(TaskId Task, int Attempt) : AttemptClosed(Task, Attempt)
{
    /// <summary>Number of the attempt that follows.</summary>
    public required int NextAttempt { get; init; }

    /// <summary>Milliseconds to wait.</summary>
    public required double DelayMs { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public required DateTimeOffset RetryAt { get; init; }

    /// <summary>What went wrong.</summary>
    public required string Error { get; init; }

    /// <summary>Its kind. <see cref="FailureKind.WorkerLost"/> does not count against max_attempts.</summary>
    public required FailureKind ErrorType { get; init; }

    /// <summary>The process's exit code.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ExitCode { get; init; }
}

/// <summary>The task failed for good. Attempt is 0 when it never started.</summary>
[EventType("task.failed", 4024, EventSeverity.Error)]
public sealed partial record TaskFailed(TaskId Task, int Attempt) : AttemptClosed(Task, Attempt)
{
    /// <summary>What went wrong.</summary>
    public required string Error { get; init; }

    /// <summary>Its kind.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>The kind again, under OpenTelemetry's name.</summary>
    public FailureKind ErrorType => Kind;

    /// <summary>The task was allowed to fail.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Allowed { get; init; }

    /// <summary>
    /// Items of the task's fan-out that failed, where that is what failed it: each has its own event, and this one is no further failure. Null: it failed
    /// by itself, or the line is older than this fact.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FailedItems { get; init; }

    /// <summary>Milliseconds from the first attempt's start, waits included.</summary>
    public double DurationMs { get; init; }

    /// <summary>Milliseconds between all dependencies terminal and the first attempt's start.</summary>
    public double QueueMs { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>The process's exit code.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ExitCode { get; init; }

    /// <summary>Results as they are journaled: those of up to 4 KiB.</summary>
    [JsonPropertyName("outputs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, JsonElement>? InlineOutputs
    {
        get => OutputsFile is null ? Outputs : null;
        init => Outputs = value;
    }

    /// <summary>The file of larger ones as it is journaled.</summary>
    [JsonPropertyName("outputs_file"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JournaledFile
    {
        get => OutputsFile;
        init => OutputsFile = value;
    }

    /// <summary>The size as it is journaled.</summary>
    [JsonPropertyName("output_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long JournaledBytes
    {
        get => OutputBytes;
        init => OutputBytes = value;
    }
}

/// <summary>A gate said no. The task never started.</summary>
[EventType("task.skipped", 4025, EventSeverity.Info)]
public sealed partial record TaskSkipped(TaskId Task, SkipReason Reason) : TaskEvent(Task, 0)
{
    /// <summary>Dependencies that kept it from running; at most 100.</summary>
    public ImmutableArray<TaskId> BlockedBy { get; init; } = [];
}

/// <summary>The run is ending and the task with it. Attempt is 0 when it never started.</summary>
[EventType("task.cancelled", 4026, EventSeverity.Info)]
public sealed partial record TaskCancelled(TaskId Task, int Attempt, CancelReason Reason) : AttemptClosed(Task, Attempt)
{
    /// <summary>Milliseconds from the first attempt's start; 0 when it never started.</summary>
    public double DurationMs { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>Results as they are journaled: those of up to 4 KiB.</summary>
    [JsonPropertyName("outputs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, JsonElement>? InlineOutputs
    {
        get => OutputsFile is null ? Outputs : null;
        init => Outputs = value;
    }

    /// <summary>The file of larger ones as it is journaled.</summary>
    [JsonPropertyName("outputs_file"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JournaledFile
    {
        get => OutputsFile;
        init => OutputsFile = value;
    }

    /// <summary>The size as it is journaled.</summary>
    [JsonPropertyName("output_bytes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long JournaledBytes
    {
        get => OutputBytes;
        init => OutputBytes = value;
    }
}
