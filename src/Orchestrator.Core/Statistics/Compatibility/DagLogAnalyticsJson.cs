using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>The summaries as JSON, with exactly the names that the runner's own functions give them.</summary>
public static class DagLogAnalyticsJson
{
    /// <summary>One document: <c>tasks</c>, <c>dags</c>, <c>schedules</c>, <c>tenants</c>.</summary>
    public static void Write(Utf8JsonWriter json, DagLogSummary summary)
    {
        json.WriteStartObject();
        json.WritePropertyName("tasks"u8);
        Write(json, summary.Tasks);
        json.WritePropertyName("dags"u8);
        List(json, summary.Dags, Dag);
        json.WritePropertyName("schedules"u8);
        List(json, summary.Schedules, Schedule);
        json.WritePropertyName("tenants"u8);
        List(json, summary.Tenants, Tenant);
        json.WriteEndObject();
    }

    /// <summary><c>all_time</c> and <c>last_{N}h</c>.</summary>
    public static void Write(Utf8JsonWriter json, TaskSummary summary)
    {
        var (all, recent) = (summary.AllTime, summary.Recent);
        json.WriteStartObject();
        json.WriteStartObject("all_time"u8);
        json.WriteNumber("tasks_started"u8, all.TasksStarted);
        json.WriteNumber("tasks_ok"u8, all.TasksOk);
        json.WriteNumber("tasks_fail"u8, all.TasksFail);
        json.WriteNumber("tasks_retry"u8, all.TasksRetry);
        json.WriteNumber("avg_duration"u8, all.AvgDuration);
        json.WriteNumber("p95_duration"u8, all.P95Duration);
        json.WriteEndObject();
        json.WriteStartObject(string.Create(CultureInfo.InvariantCulture, $"last_{summary.WindowHours}h"));
        json.WriteNumber("tasks_started"u8, recent.TasksStarted);
        json.WriteNumber("tasks_ok"u8, recent.TasksOk);
        json.WriteNumber("tasks_fail"u8, recent.TasksFail);
        json.WriteNumber("avg_duration"u8, recent.AvgDuration);
        json.WriteNumber("p95_duration"u8, recent.P95Duration);
        json.WriteNumber("error_rate"u8, recent.ErrorRate);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A run that is under way has neither end nor duration: the names are missing, as in the original.
    private static void Dag(Utf8JsonWriter json, DagSummary dag)
    {
        json.WriteString("dag_name"u8, dag.DagName);
        json.WriteString("status"u8, dag.Status);
        json.WriteString("start"u8, dag.Start);
        if (dag.End is { } end) json.WriteString("end"u8, end);
        if (dag.Duration is { } seconds) json.WriteNumber("duration"u8, seconds);
        json.WriteNumber("tasks_ok"u8, dag.TasksOk);
        json.WriteNumber("tasks_fail"u8, dag.TasksFail);
    }

    private static void Schedule(Utf8JsonWriter json, ScheduleSummary schedule)
    {
        json.WriteString("schedule_id"u8, schedule.ScheduleId);
        json.WriteString("last_run"u8, schedule.LastRun);
        json.WriteString("last_status"u8, schedule.LastStatus);
        json.WriteNumber("enqueued_count"u8, schedule.EnqueuedCount);
        json.WriteNumber("started_count"u8, schedule.StartedCount);
        json.WriteNumber("finished_count"u8, schedule.FinishedCount);
        json.WriteNumber("success_count"u8, schedule.SuccessCount);
        json.WriteNumber("failed_count"u8, schedule.FailedCount);
    }

    private static void Tenant(Utf8JsonWriter json, TenantLoad load)
    {
        json.WriteString("tenant"u8, load.Tenant);
        json.WriteNumber("runs"u8, load.Runs);
        json.WriteNumber("tasks"u8, load.Tasks);
        json.WriteNumber("avg_latency"u8, load.AvgLatency);
        json.WriteNumber("error_rate"u8, load.ErrorRate);
    }

    private static void List<T>(Utf8JsonWriter json, ImmutableArray<T> items, Action<Utf8JsonWriter, T> members)
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            json.WriteStartObject();
            members(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
