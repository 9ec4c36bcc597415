using System.Collections.Immutable;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>Counts of task events of the whole log. Durations are seconds, 0 where none is known.</summary>
public sealed record TaskTotals(long TasksStarted, long TasksOk, long TasksFail, long TasksRetry, double AvgDuration, double P95Duration);

/// <summary>Counts of task events of a window. <c>ErrorRate</c> is failed of started, 0 where none started.</summary>
public sealed record RecentTasks(long TasksStarted, long TasksOk, long TasksFail, double AvgDuration, double P95Duration, double ErrorRate);

/// <summary>What <see cref="DagLogAnalytics.SummarizeTasks"/> says.</summary>
/// <param name="AllTime">Everything.</param>
/// <param name="WindowHours">N of <c>last_{N}h</c>.</param>
/// <param name="Recent">That window.</param>
public sealed record TaskSummary(TaskTotals AllTime, int WindowHours, RecentTasks Recent);

/// <summary>A run of a DAG.</summary>
/// <param name="DagName">The DAG.</param>
/// <param name="Status">completed where the log has its end, else running: a run that failed has no end in the logs of the runner it comes from.</param>
/// <param name="Start">Timestamp of its start as it was written; empty where the log has none.</param>
/// <param name="End">Timestamp of its end as it was written; null: it has none.</param>
/// <param name="Duration">Seconds as its end says; null: it has no end or does not say.</param>
/// <param name="TasksOk">Tasks that succeeded.</param>
/// <param name="TasksFail">Tasks that failed.</param>
public sealed record DagSummary(string DagName, string Status, string Start, string? End, double? Duration, int TasksOk, int TasksFail)
{
    /// <summary>Id of the run, for <see cref="DagLogAnalytics.TasksOfDag"/>; null where the log has none. Not part of the JSON shape.</summary>
    public string? DagRunId { get; init; }
}

/// <summary>A schedule.</summary>
/// <param name="ScheduleId">The schedule.</param>
/// <param name="LastRun">Timestamp of its latest <c>run_started</c> as it was written; null: it never ran.</param>
/// <param name="LastStatus">Status of its latest <c>run_finished</c>; null: none finished.</param>
/// <param name="EnqueuedCount">Due times.</param>
/// <param name="StartedCount">Starts.</param>
/// <param name="FinishedCount">Ends, whatever their status.</param>
/// <param name="SuccessCount">Ends with status success.</param>
/// <param name="FailedCount">Ends with status failed.</param>
public sealed record ScheduleSummary(
    string ScheduleId, string? LastRun, string? LastStatus, long EnqueuedCount, long StartedCount, long FinishedCount, long SuccessCount, long FailedCount)
{
    /// <summary>Its next due time where the caller knows it; the logs do not. Not part of the JSON shape.</summary>
    public DateTimeOffset? NextRun { get; init; }
}

/// <summary>Load of a tenant in a window.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Runs">Runs that started.</param>
/// <param name="Tasks">Tasks that succeeded or failed.</param>
/// <param name="AvgLatency">Mean seconds of runs that ended, 0 where none did.</param>
/// <param name="ErrorRate">Failed of those tasks, 0 where there are none.</param>
public sealed record TenantLoad(string Tenant, long Runs, long Tasks, double AvgLatency, double ErrorRate);

/// <summary>A task of a run of a DAG: what the totals are made of.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Status">completed, failed, retrying or running.</param>
/// <param name="Attempts">Attempts made; null: not known.</param>
/// <param name="StartedAt">Its start; null: not known.</param>
/// <param name="EndedAt">Its end; null: not known, or it has not ended.</param>
/// <param name="DurationSeconds">Seconds; null: not known.</param>
/// <param name="Error">What went wrong last; null where it succeeded.</param>
public sealed record DagTask(
    string TaskId, string Status, int? Attempts, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, double? DurationSeconds, string? Error);

/// <summary>All four summaries of a log.</summary>
public sealed record DagLogSummary(
    TaskSummary Tasks, ImmutableArray<DagSummary> Dags, ImmutableArray<ScheduleSummary> Schedules, ImmutableArray<TenantLoad> Tenants);
