using System.Collections.Immutable;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>
/// The analytics functions of a DAG runner over its logs, with the keys and shapes that its dashboards and scripts read (<see cref="DagLogAnalyticsJson"/>).
/// Deterministic: the order in which events are given changes nothing, windows are compared as instants, and now is an argument.
/// </summary>
/// <remarks>
/// What the originals leave open is filled where the log allows: durations come from a task's start and end, a task event gets the tenant of its run, runs
/// of one DAG are told apart by their id, and the tasks of a run can be listed. Percentiles are by nearest rank.
/// </remarks>
public static class DagLogAnalytics
{
    /// <summary>Hours of the window unless another is asked for.</summary>
    public const int DefaultWindowHours = 24;

    /// <summary>Runs that are listed unless another number is asked for.</summary>
    public const int DefaultDags = 20;

    /// <summary>Task counts, durations and error rate of everything and of the window.</summary>
    public static TaskSummary SummarizeTasks(IEnumerable<DagLogEvent> events, DateTimeOffset now, int windowHours = DefaultWindowHours) =>
        Fold(events, new TaskCounting(new(now, windowHours)), static (f, e) => f.Add(e)).Result();

    /// <summary>Runs of DAGs, the latest start first, at most <paramref name="limit"/>.</summary>
    public static ImmutableArray<DagSummary> SummarizeDags(IEnumerable<DagLogEvent> events, int limit = DefaultDags) =>
        Fold(events, new DagListing(limit), static (f, e) => f.Add(e)).Result();

    /// <summary>Schedules by id, from the state log.</summary>
    public static ImmutableArray<ScheduleSummary> SummarizeSchedules(IEnumerable<DagLogEvent> stateEvents) =>
        Fold(stateEvents, new ScheduleCounting(), static (f, e) => f.Add(e)).Result();

    /// <summary>Load per tenant in the window, most runs first, then by name. What has no tenant is left out.</summary>
    public static ImmutableArray<TenantLoad> PerTenantLoad(IEnumerable<DagLogEvent> events, DateTimeOffset now, int windowHours = DefaultWindowHours) =>
        Fold(events, new TenantCounting(new(now, windowHours)), static (f, e) => f.Add(e)).Result();

    /// <summary>The tasks of one run, in the order of their first event.</summary>
    /// <param name="events">Events of any runs.</param>
    /// <param name="dagRunId">The run's id.</param>
    public static ImmutableArray<DagTask> TasksOfDag(IEnumerable<DagLogEvent> events, string dagRunId)
    {
        var tasks = new Dictionary<string, DagTask>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var e in InTime(events.Where(e => e.DagRunId == dagRunId)))
        {
            if (e.TaskId is not { } id) continue;
            if (!tasks.TryGetValue(id, out var task)) order.Add(id);
            tasks[id] = TaskStep.After(task ?? new(id, "running", null, null, null, null, null), e);
        }
        return [.. order.Select(id => tasks[id])];
    }

    /// <summary>Events in the order of time; at one instant a start comes first and an end last. Those without a time come first.</summary>
    public static IEnumerable<DagLogEvent> InTime(IEnumerable<DagLogEvent> events) => events.OrderBy(e => e.Timestamp ?? DateTimeOffset.MinValue).ThenBy(Rank);

    private static int Rank(DagLogEvent e) => e.Event switch
    {
        "schedule_enqueued" => 0, "run_started" => 1, "dag_start" => 2, "task_start" => 3, "task_retry" => 4,
        "task_ok" or "task_fail" => 5, "dag_done" => 7, "run_finished" => 8, _ => 6,
    };

    private static TFold Fold<TFold>(IEnumerable<DagLogEvent> events, TFold fold, Action<TFold, DagLogEvent> add)
    {
        foreach (var e in InTime(events)) add(fold, e);
        return fold;
    }
}
