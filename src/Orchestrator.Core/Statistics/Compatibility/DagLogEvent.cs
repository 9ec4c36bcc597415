namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>
/// A line of the task log or of the state log of a DAG runner: what `events --format jsonl27` writes, and what the runners write that people come from.
/// What a line does not say, or says in another type, is null: unknown, never 0 or a default.
/// </summary>
public sealed record DagLogEvent
{
    /// <summary>
    /// Which event: <c>dag_start</c>, <c>task_start</c>, <c>task_ok</c>, <c>task_retry</c>, <c>task_fail</c>, <c>dag_done</c>,
    /// <c>run_started</c> and so on; empty: not said.
    /// </summary>
    public string Event { get; init; } = "";

    /// <summary>When; null where the text is missing or no ISO 8601 instant. One without an offset is UTC.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The same as it was written.</summary>
    public string? TimestampText { get; init; }

    /// <summary>Name of the DAG.</summary>
    public string? DagName { get; init; }

    /// <summary>Id of its run.</summary>
    public string? DagRunId { get; init; }

    /// <summary>Tenant of the run; task events of those runners do not name it.</summary>
    public string? Tenant { get; init; }

    /// <summary>The task.</summary>
    public string? TaskId { get; init; }

    /// <summary>Tasks of the DAG, of <c>dag_start</c>.</summary>
    public int? TaskCount { get; init; }

    /// <summary>1-based, of <c>task_ok</c> and <c>task_retry</c>.</summary>
    public int? Attempt { get; init; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; init; }

    /// <summary>Of <c>dag_done</c>.</summary>
    public int? TasksSucceeded { get; init; }

    /// <summary>Of <c>dag_done</c>.</summary>
    public int? TasksFailed { get; init; }

    /// <summary>Of <c>dag_done</c> and <c>run_finished</c>, and of task events that have it. Finite and not negative.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>The schedule, of the state log.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>The queued job, of the state log.</summary>
    public string? JobId { get; init; }

    /// <summary>Path of the DAG's file, of the state log.</summary>
    public string? DagPath { get; init; }

    /// <summary>The DAG's run, where the state log names it.</summary>
    public string? RunId { get; init; }

    /// <summary>Of <c>run_finished</c>: success, failed, retry, rate_limited or skipped_duplicate.</summary>
    public string? Status { get; init; }
}
