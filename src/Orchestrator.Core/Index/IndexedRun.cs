using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Index;

/// <summary>
/// A run as the index holds it: a function of its events 1 to <see cref="LastSeq"/>. What is not known is null, never 0. Durations are milliseconds.
/// </summary>
public sealed record IndexedRun
{
    /// <summary>The run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>Seq of the last event it was made of.</summary>
    public required long LastSeq { get; init; }

    /// <summary>When that event was decided.</summary>
    public required DateTimeOffset LastEventAt { get; init; }

    /// <summary>Name of the workflow.</summary>
    public required string Workflow { get; init; }

    /// <summary>SHA-256 of the definition, 64 hex digits.</summary>
    public string? DefinitionVersion { get; init; }

    /// <summary>Tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Project.</summary>
    public string? Project { get; init; }

    /// <summary>State.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What asked for it.</summary>
    public required TriggerKind Trigger { get; init; }

    /// <summary>The schedule that started it, <c>workflow/schedule</c>.</summary>
    public string? ScheduleKey { get; init; }

    /// <summary>Its due time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Correlation id; null: the run's own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The run whose task started it.</summary>
    public RunId? ParentRunId { get; init; }

    /// <summary>The run it repeats.</summary>
    public RunId? RetryOf { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was queued.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>When a worker began it.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>From created to started; null before its start.</summary>
    public double? QueueMs { get; init; }

    /// <summary>From started (from created where it never started) to its end; null while it is open.</summary>
    public double? DurationMs { get; init; }

    /// <summary>Tasks by state, so far; handlers are in none of the six numbers.</summary>
    public RunCounts Counts { get; init; }

    /// <summary>Attempts that were followed by another, handlers' too.</summary>
    public int Retries { get; init; }

    /// <summary>Instance id of the worker that has it, or had it last.</summary>
    public string? Node { get; init; }

    /// <summary>What its processes used together.</summary>
    public ProcessUsage? Usage { get; init; }

    /// <summary>Which part is to blame.</summary>
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>The kind of its first failure.</summary>
    public FailureKind? ErrorType { get; init; }

    /// <summary>What failed it, at most 500 characters.</summary>
    public string? Error { get; init; }

    /// <summary>Stage of the first failed task.</summary>
    public string? FailedStage { get; init; }

    /// <summary>The first failed task.</summary>
    public TaskId? FailedTask { get; init; }

    /// <summary>Values of its parameters.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Labels of its workflow.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Its tasks, or those that have changed since the last look; see <see cref="RunProjection.Take"/>.</summary>
    public ImmutableArray<IndexedTask> Tasks { get; init; } = [];
}

/// <summary>A task of a run as the index holds it.</summary>
/// <param name="Task">Its id; children of a fan-out are <c>id[n]</c>.</param>
/// <param name="Status">Its state.</param>
public sealed record IndexedTask(TaskId Task, TaskStatus Status)
{
    /// <summary>Its stage.</summary>
    public string? Stage { get; init; }

    /// <summary><c>handler</c> for tasks that are in no count and no statistic.</summary>
    public string? Role { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>Start of its first attempt.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Between all dependencies terminal and the first attempt; null before it ended, and where it never started.</summary>
    public double? QueueMs { get; init; }

    /// <summary>From the first attempt's start to its end, waits included; null before it ended, and where it never started.</summary>
    public double? DurationMs { get; init; }

    /// <summary>Duration of the last attempt that ended.</summary>
    public double? AttemptMs { get; init; }

    /// <summary>Milliseconds it was expected to take at most, as its definition says.</summary>
    public double? ExpectedMs { get; init; }

    /// <summary>What carries it out: run, exec, script, http, sql, ...</summary>
    public string? Executor { get; init; }

    /// <summary>What its processes used together.</summary>
    public ProcessUsage? Usage { get; init; }

    /// <summary>Whether it is on the chain that made the run as long as it was; null while the run is open.</summary>
    public bool? IsCritical { get; init; }

    /// <summary>Exit code of the last attempt.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Kind of a failure.</summary>
    public FailureKind? Kind { get; init; }

    /// <summary>What went wrong, at most 500 characters.</summary>
    public string? Error { get; init; }

    /// <summary>The word for why it was skipped, cancelled or failed.</summary>
    public string? Reason { get; init; }

    /// <summary>The failure was allowed.</summary>
    public bool Allowed { get; init; }

    /// <summary>Its attempts that failed.</summary>
    public ImmutableArray<IndexedAttempt> FailedAttempts { get; init; } = [];
}

/// <summary>An attempt that failed.</summary>
/// <param name="Attempt">1-based.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="Kind">Kind of the failure; null where it is not known.</param>
/// <param name="ExitCode">Of its process.</param>
/// <param name="Error">What went wrong, at most 500 characters.</param>
public sealed record IndexedAttempt(int Attempt, DateTimeOffset EndedAt, double DurationMs, FailureKind? Kind, int? ExitCode, string? Error);
