using System.Globalization;
using Orchestrator.Core.Statistics.Compatibility;
using Shouldly;
using Xunit;
using static Orchestrator.Core.Tests.Statistics.Compatibility.LogLines;

namespace Orchestrator.Core.Tests.Statistics.Compatibility;

public sealed class ImportedRunsTests
{
    private static List<ImportedRun> Runs(params string[] lines)
    {
        var runs = new ImportedRuns();
        return [.. Read(lines).SelectMany(runs.Add), .. runs.Rest()];
    }

    [Fact]
    public void A_run_with_its_end_is_known_whole()
    {
        var run = Runs(
            State(0, "run_started", "nightly", ",\"run_id\":\"r1\""), DagStart(1, "r1"), Task(1, "task_start", "r1", "a"), Task(2, "task_ok", "r1", "a"), DagDone(2, "r1", 60.5, ok: 2)).ShouldHaveSingleItem();
        (run.Key, run.DagRunId, run.Name, run.Tenant, run.ScheduleId).ShouldBe(("r1", "r1", "sales", "acme", "nightly"));
        (run.Status, run.StartedAt, run.EndedAt, run.IsEndInferred, run.DurationMs).ShouldBe((RunStatus.Completed, Start.AddMinutes(1), Start.AddMinutes(2), false, 60_500));
        (run.TasksTotal, run.TasksOk, run.TasksFailed, run.Error).ShouldBe((2, 2, 0, null));
        run.Tasks.Single().DurationSeconds.ShouldBe(60);
    }

    [Fact]
    public void A_run_that_stops_at_a_failed_task_has_failed_then()
    {
        var run = Runs(DagStart(1, "r1"), Task(2, "task_fail", "r1", "a", ",\"error\":\"no\"")).ShouldHaveSingleItem();
        (run.Status, run.EndedAt, run.IsEndInferred, run.DurationMs, run.TasksFailed, run.Error).ShouldBe((RunStatus.Failed, Start.AddMinutes(2), true, 60_000, 1, "no"));
    }

    [Fact]
    public void The_state_log_ends_a_failed_run_better()
    {
        var run = Runs(DagStart(1, "r1"), Task(2, "task_fail", "r1", "a"), State(3, "run_finished", "s", ",\"run_id\":\"r1\",\"status\":\"failed\",\"duration_seconds\":119,\"error\":\"gave up\"")).ShouldHaveSingleItem();
        (run.Status, run.EndedAt, run.IsEndInferred, run.DurationMs, run.Error).ShouldBe((RunStatus.Failed, Start.AddMinutes(3), false, 119_000, "gave up"));
    }

    [Fact]
    public void What_the_logs_do_not_say_is_unknown()
    {
        var run = Runs("""{"event":"dag_start","dag_run_id":"r1"}""").ShouldHaveSingleItem();
        (run.Name, run.Tenant, run.Status, run.StartedAt, run.EndedAt, run.DurationMs, run.TasksTotal, run.TasksOk, run.TasksFailed).ShouldBe(("", null, null, null, null, null, null, null, null));
        Runs(Task(1, "task_start", "r", "a")).Single().Status.ShouldBeNull();
        Runs("""{"event":"dag_done","dag_run_id":"r1","tasks_failed":1}""").Single().Status.ShouldBe(RunStatus.Failed);
        Runs("""{"event":"task_ok"}""", """{"event":"dag_start"}""", "{}").Count.ShouldBe(1);
    }

    [Fact]
    public void Runs_without_ids_end_where_the_next_of_their_DAG_begins()
    {
        string[] lines = [.. new[] { DagStart(1, "x"), Task(2, "task_ok", "x", "a"), DagStart(5, "x"), Task(6, "task_fail", "x", "a"), DagStart(9, "x", "other") }.Select(l => l.Replace("\"dag_run_id\":\"x\",", "", StringComparison.Ordinal))];
        Runs(lines).Select(r => $"{r.Key} {r.Status} {r.TasksOk} {r.TasksFailed}").ShouldBe(
            [$"sales@{Us(1)}  1 0", $"sales@{Us(5)} Failed 0 1", $"other@{Us(9)}   "]);
    }

    [Fact]
    public void An_id_is_the_same_at_every_import_and_that_of_our_own_run_stays()
    {
        var run = Runs(DagStart(1, "r1")).Single();
        run.Id.ShouldBe(Runs(DagStart(1, "r1"), DagDone(2, "r1", 60)).Single().Id);
        run.Id.Time.ShouldBe(Start.AddMinutes(1));
        run.Id.ShouldNotBe(Runs(DagStart(1, "r2")).Single().Id);
        Runs(DagStart(1, "0197a3b2-0000-7000-8000-000000000001")).Single().Id.ToString().ShouldBe("0197a3b2-0000-7000-8000-000000000001");
        Runs(DagStart(1, "0197a3b2-0000-4000-8000-000000000001")).Single().Id.Time.ShouldBe(Start.AddMinutes(1));
    }

    [Fact]
    public void Of_more_open_runs_than_are_kept_the_oldest_are_given_out()
    {
        var runs = new ImportedRuns();
        var over = Read([.. Enumerable.Range(0, ImportedRuns.MaxOpen + 2).Select(i => Task(i, "task_start", $"r{i}", "a"))]).SelectMany(runs.Add).ToList();
        over.Select(r => r.Key).ShouldBe(["r0", "r1"]);
        runs.Rest().Count().ShouldBe(ImportedRuns.MaxOpen);
        runs.Rest().ShouldBeEmpty();
    }

    private static string Us(int minutes) => ((Start.AddMinutes(minutes).UtcTicks - DateTime.UnixEpoch.Ticks) / 10).ToString(CultureInfo.InvariantCulture);
}
