using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Statistics.Compatibility;
using Shouldly;
using Xunit;
using static Orchestrator.Core.Tests.Statistics.Compatibility.LogLines;

namespace Orchestrator.Core.Tests.Statistics.Compatibility;

public sealed class DagLogAnalyticsTests
{
    // Two runs: r1 yesterday, r2 within the last hour before minute 1500 (25 h after the start).
    private static readonly string[] s_log =
    [
        DagStart(0, "r1"), Task(0, "task_start", "r1", "a"), Task(1, "task_ok", "r1", "a", ",\"attempt\":1"), Task(1, "task_start", "r1", "b"), Task(4, "task_ok", "r1", "b"), DagDone(4, "r1", 240),
        DagStart(1450, "r2", tenant: "beta"), Task(1450, "task_start", "r2", "a"), Task(1451, "task_retry", "r2", "a", ",\"attempt\":1,\"error\":\"x\""), Task(1452, "task_ok", "r2", "a", ",\"attempt\":2"),
        Task(1452, "task_start", "r2", "b"), Task(1453, "task_fail", "r2", "b", ",\"error\":\"no\""),
    ];

    private static readonly DateTimeOffset s_now = Start.AddMinutes(1500);

    [Fact]
    public void Nothing_gives_zeros_and_empty_lists()
    {
        DagLogAnalytics.SummarizeTasks([], s_now).ShouldBe(new TaskSummary(new(0, 0, 0, 0, 0, 0), 24, new(0, 0, 0, 0, 0, 0)));
        DagLogAnalytics.SummarizeDags([]).ShouldBeEmpty();
        DagLogAnalytics.SummarizeSchedules([]).ShouldBeEmpty();
        DagLogAnalytics.PerTenantLoad([], s_now).ShouldBeEmpty();
    }

    [Fact]
    public void Tasks_are_counted_over_all_time_and_in_the_window_with_durations_from_start_to_end()
    {
        var tasks = DagLogAnalytics.SummarizeTasks(Read(s_log), s_now);
        tasks.AllTime.ShouldBe(new TaskTotals(4, 3, 1, 1, (60 + 180 + 120) / 3.0, 180));
        tasks.Recent.ShouldBe(new RecentTasks(2, 1, 1, 120, 120, 0.5));
        tasks.WindowHours.ShouldBe(24);
    }

    [Fact]
    public void The_error_rate_of_tasks_is_failed_of_started_and_0_where_none_started()
    {
        DagLogAnalytics.SummarizeTasks(Read(Task(1499, "task_fail", "r", "a")), s_now).Recent.ErrorRate.ShouldBe(0);
        DagLogAnalytics.SummarizeTasks(Read([.. Enumerable.Range(0, 4).Select(i => Task(1490 + i, "task_start", "r", $"t{i}")), Task(1499, "task_fail", "r", "t1")]), s_now).Recent.ErrorRate.ShouldBe(0.25);
    }

    [Fact]
    public void The_window_is_compared_as_instants_and_not_as_text()
    {
        // 23 hours ago, written with an offset: as text it sorts before the begin of the window. And one that sorts after it but is 25 hours old.
        var inside = """{"event":"task_start","dag_run_id":"r","task_id":"a","timestamp":"2026-02-28T20:00:00-06:00"}""";
        var outside = """{"event":"task_start","dag_run_id":"r","task_id":"b","timestamp":"2026-03-01T05:00:00+05:00"}""";
        var edge = """{"event":"task_start","dag_run_id":"r","task_id":"c","timestamp":"2026-03-01T01:00:00Z"}""";
        var future = """{"event":"task_start","dag_run_id":"r","task_id":"d","timestamp":"2026-03-02T01:00:01Z"}""";
        var unknown = """{"event":"task_start","dag_run_id":"r","task_id":"e"}""";
        var tasks = DagLogAnalytics.SummarizeTasks(Read(inside, outside, edge, future, unknown), s_now);
        tasks.Recent.TasksStarted.ShouldBe(2);
        tasks.AllTime.TasksStarted.ShouldBe(5);
    }

    [Fact]
    public void The_window_has_the_hours_that_are_asked_for() => DagLogAnalytics.SummarizeTasks(Read(s_log), s_now, 48).Recent.TasksStarted.ShouldBe(4);

    [Fact]
    public void P95_is_the_nearest_rank_also_of_a_few()
    {
        string[] lines = [.. Enumerable.Range(1, 20).SelectMany(i => new[] { Task(i, "task_start", $"r{i}", "a"), Task(i + (i / 60.0), "task_ok", $"r{i}", "a") })];
        DagLogAnalytics.SummarizeTasks(Read(lines), s_now).AllTime.P95Duration.ShouldBe(19, 1e-5);
        DagLogAnalytics.SummarizeTasks(Read(lines[..4]), s_now).AllTime.P95Duration.ShouldBe(2, 1e-5);
        DagLogAnalytics.SummarizeTasks(Read(lines[..4]), s_now).AllTime.AvgDuration.ShouldBe(1.5, 1e-5);
    }

    [Fact]
    public void Runs_are_told_apart_by_their_id_and_the_latest_comes_first()
    {
        var dags = DagLogAnalytics.SummarizeDags(Read(s_log));
        dags.ShouldBe([
            new DagSummary("sales", "running", At(1450), null, null, 1, 1) { DagRunId = "r2" },
            new DagSummary("sales", "completed", At(0), At(4), 240, 2, 0) { DagRunId = "r1" }]);
        DagLogAnalytics.SummarizeDags(Read(s_log), 1).Single().DagRunId.ShouldBe("r2");
    }

    [Fact]
    public void Runs_without_ids_are_told_apart_by_their_starts()
    {
        string[] lines = [.. s_log.Select(l => l.Replace("\"dag_run_id\":\"r1\",", "", StringComparison.Ordinal).Replace("\"dag_run_id\":\"r2\",", "", StringComparison.Ordinal))];
        DagLogAnalytics.SummarizeDags(Read(lines)).Select(d => (d.DagRunId, d.Status, d.Start, d.TasksOk, d.TasksFail)).ShouldBe([(null, "running", At(1450), 1, 1), (null, "completed", At(0), 2, 0)]);
        DagLogAnalytics.SummarizeTasks(Read(lines), s_now).AllTime.AvgDuration.ShouldBe(120);
    }

    [Fact]
    public void A_run_whose_start_is_cut_off_is_listed_last() =>
        DagLogAnalytics.SummarizeDags(Read(DagDone(9, "cut", 30), DagStart(1, "r"))).Select(d => (d.DagRunId, d.Start, d.End)).ShouldBe([("r", At(1), null), ("cut", "", At(9))]);

    [Fact]
    public void Of_more_runs_than_are_kept_the_latest_are_listed()
    {
        var fold = new DagLogFold(s_now, dags: 3);
        foreach (var e in Read([.. Enumerable.Range(0, 25_000).Select(i => DagStart((i * 7919) % 25_000, $"r{(i * 7919) % 25_000}"))])) fold.Add(e);
        fold.Result().Dags.Select(d => d.DagRunId).ShouldBe(["r24999", "r24998", "r24997"]);
    }

    [Fact]
    public void Schedules_are_counted_by_status_with_their_latest_start_and_end()
    {
        var schedules = DagLogAnalytics.SummarizeSchedules(Read(
            State(0, "schedule_enqueued", "s", ",\"minute\":\"2026-03-01 00:00\""), State(1, "run_started", "s"), State(2, "run_finished", "s", ",\"status\":\"failed\""),
            State(60, "schedule_enqueued", "s"), State(61, "run_started", "s"), State(62, "run_finished", "s", ",\"status\":\"success\""),
            State(63, "run_finished", "s", ",\"status\":\"retry\""), State(0, "schedule_enqueued", "never"), State(64, "run_started", ""), """{"event":"run_started"}"""));
        schedules.ShouldBe([new ScheduleSummary("never", null, null, 1, 0, 0, 0, 0), new ScheduleSummary("s", At(61), "retry", 2, 2, 3, 1, 1)]);
    }

    [Fact]
    public void A_task_counts_for_the_tenant_of_its_run()
    {
        var tenants = DagLogAnalytics.PerTenantLoad(Read([.. s_log, DagStart(1460, "r3"), DagStart(1461, "r4"), DagDone(1462, "r4", 60), DagDone(1463, "r3", 20)]), s_now);
        tenants.ShouldBe([new TenantLoad("acme", 2, 0, 40, 0), new TenantLoad("beta", 1, 2, 0, 0.5)]);
    }

    [Fact]
    public void Tenants_stand_by_runs_and_then_by_name_and_what_has_none_is_left_out() =>
        DagLogAnalytics.PerTenantLoad(Read(
            DagStart(1490, "1", tenant: "b"), DagStart(1490, "2", tenant: "c"), DagStart(1490, "3", tenant: "a"), DagStart(1490, "4", tenant: "c"), DagStart(1490, "5", tenant: ""), Task(1490, "task_ok", "unknown", "t")), s_now)
            .Select(t => t.Tenant).ShouldBe(["c", "a", "b"]);

    [Fact]
    public void The_order_of_the_events_changes_nothing()
    {
        var events = Read(s_log);
        var expected = Json(events);
        for (var seed = 0; seed < 50; seed++)
        {
            var shuffled = events.ToArray();
            new Random(seed).Shuffle(shuffled);
            Json(shuffled).ShouldBe(expected);
        }
        events.Reverse();
        Json(events).ShouldBe(expected);
    }

    [Fact]
    public void The_tasks_of_a_run_can_be_listed()
    {
        DagLogAnalytics.TasksOfDag(Read(s_log), "r2").ShouldBe([
            new DagTask("a", "completed", 2, Start.AddMinutes(1450), Start.AddMinutes(1452), 120, null),
            new DagTask("b", "failed", 1, Start.AddMinutes(1452), Start.AddMinutes(1453), 60, "no")]);
        DagLogAnalytics.TasksOfDag(Read(s_log), "nothing").ShouldBeEmpty();
    }

    [Fact]
    public void The_JSON_has_exactly_the_names_of_the_original()
    {
        var json = JsonDocument.Parse(Json([.. Read(s_log), .. Read(State(5, "schedule_enqueued", "s"))])).RootElement;
        Names(json).ShouldBe("tasks dags schedules tenants");
        Names(json.GetProperty("tasks")).ShouldBe("all_time last_24h");
        Names(json.GetProperty("tasks").GetProperty("all_time")).ShouldBe("tasks_started tasks_ok tasks_fail tasks_retry avg_duration p95_duration");
        Names(json.GetProperty("tasks").GetProperty("last_24h")).ShouldBe("tasks_started tasks_ok tasks_fail avg_duration p95_duration error_rate");
        Names(json.GetProperty("dags")[0]).ShouldBe("dag_name status start tasks_ok tasks_fail");
        Names(json.GetProperty("dags")[1]).ShouldBe("dag_name status start end duration tasks_ok tasks_fail");
        Names(json.GetProperty("schedules")[0]).ShouldBe("schedule_id last_run last_status enqueued_count started_count finished_count success_count failed_count");
        Names(json.GetProperty("tenants")[0]).ShouldBe("tenant runs tasks avg_latency error_rate");
    }

    private static string Names(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(p => p.Name));

    private static string Json(IEnumerable<DagLogEvent> events)
    {
        var all = events.ToList();
        var summary = new DagLogSummary(DagLogAnalytics.SummarizeTasks(all, s_now), DagLogAnalytics.SummarizeDags(all), DagLogAnalytics.SummarizeSchedules(all), DagLogAnalytics.PerTenantLoad(all, s_now));
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes)) DagLogAnalyticsJson.Write(json, summary);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
