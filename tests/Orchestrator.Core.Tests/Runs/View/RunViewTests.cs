using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Shouldly;
using Xunit;
using Orchestrator.Tests;

namespace Orchestrator.Core.Tests.Runs.View;

public sealed class RunViewTests
{
    private static readonly RunView Nightly = RunView.From(ToldRun.Definition, ToldRun.Id, ToldRun.Nightly().Events);

    [Fact]
    public void A_finished_run_says_what_its_terminal_event_says()
    {
        Nightly.Status.ShouldBe(RunStatus.Failed);
        Nightly.IsTerminal.ShouldBeTrue();
        Nightly.DurationMs.ShouldBe(7100);
        Nightly.QueueMs.ShouldBe(500);
        Nightly.Counts.ShouldBe(new RunCounts(6, 2, 1, 1, 1, 1));
        Nightly.TraceId.ShouldBe(ToldRun.Id.Hex);
        Nightly.Trigger.ShouldBe(TriggerKind.Schedule);
        Nightly.Error.ShouldBe("task load failed: exit code 3");
        Nightly.EndedAt.ShouldBe(ToldRun.Start.AddMilliseconds(7600));
    }

    [Fact]
    public void Tasks_stand_in_declaration_order_with_what_became_of_them() =>
        Nightly.Tasks.Select(t => $"{t.Id} {Words.Of(t.Status)} {t.Attempts} {t.DurationMs} {t.ExitCode} {t.Reason}").ShouldBe([
            "fetch completed 1 2000 0 ", "check completed 2 4000 0 ", "load failed 1 1000 3 exit_code",
            "tell skipped 0 0  dependency_failed", "note failed 1 1500 1 exit_code", "late cancelled 0 0  fail_fast"]);

    [Fact]
    public void A_handler_that_ends_last_is_not_the_critical_path()
    {
        var told = ToldRun.Nightly();
        var events = told.Events.Take(told.Events.Count - 1)
            .Concat(new ToldRun().At(7.5, ToldRun.Started("page") with { Role = TaskEvent.Handler }).At(7.6, ToldRun.Completed("page", 100) with { Role = TaskEvent.Handler }).Events)
            .Append(told.Events[^1]).ToList();
        var path = RunView.From(ToldRun.Definition, ToldRun.Id, events).CriticalPath;
        path.Tasks.ShouldBe(Nightly.CriticalPath.Tasks);
        path.DurationMs.ShouldBe(Nightly.CriticalPath.DurationMs);
    }

    [Fact]
    public void Attempts_keep_their_own_numbers() =>
        Nightly.Tasks[1].History.ShouldBe([
            new AttemptView(1, ToldRun.Start.AddSeconds(2.5), 1000, TaskStatus.Failed, "exit code 75", FailureKind.ExitCode, 75, "logs/check.1.log", 1000),
            new AttemptView(2, ToldRun.Start.AddSeconds(4.5), 2000, TaskStatus.Completed, ExitCode: 0, LogRef: "logs/check.2.log")]);

    [Fact]
    public void Stages_follow_their_events() =>
        Nightly.Stages.Select(s => $"{s.Name} {Words.Of(s.Status)} {s.DurationMs}").ShouldBe(["extract completed 6000", "load failed 1000", "default pending 0"]);

    [Fact]
    public void The_critical_path_leads_back_from_what_ended_last()
    {
        Nightly.CriticalPath.Tasks.ShouldBe([new("fetch"), new("check"), new("load")]);
        Nightly.CriticalPath.DurationMs.ShouldBe(7000);
    }

    [Fact]
    public void Slots_are_counted_from_attempts()
    {
        Nightly.Slots.Peak.ShouldBe(2);
        Nightly.Slots.BusyMs.ShouldBe(2000 + 1000 + 1500 + 2000 + 1000);
    }

    [Fact]
    public void Every_prefix_of_a_run_has_a_view_whose_counts_only_grow()
    {
        var events = ToldRun.Nightly().Events;
        var terminal = 0;
        for (var n = 0; n <= events.Count; n++)
        {
            var view = RunView.From(ToldRun.Definition, ToldRun.Id, [.. events.Take(n)]);
            view.Counts.Total.ShouldBe(6);
            view.Counts.Terminal.ShouldBe(view.Tasks.Count(t => t.IsTerminal));
            view.Counts.Terminal.ShouldBeGreaterThanOrEqualTo(terminal);
            view.IsTerminal.ShouldBe(n == events.Count);
            RunViewJson.Full(view).Length.ShouldBeGreaterThan(0);
            terminal = view.Counts.Terminal;
        }
    }

    [Fact]
    public void An_open_run_lasts_to_its_last_event()
    {
        var view = RunView.From(ToldRun.Definition, ToldRun.Id, [.. ToldRun.Nightly().Events.Take(9)]);
        view.Status.ShouldBe(RunStatus.Running);
        view.Tasks[1].Status.ShouldBe(TaskStatus.Retrying);
        view.DurationMs.ShouldBe(3000);
        view.Tasks[4].DurationMs.ShouldBe(1000);
        view.EndedAt.ShouldBeNull();
    }

    [Fact]
    public void Without_its_definition_a_run_shows_what_its_events_name()
    {
        var view = RunView.From(null, ToldRun.Id, ToldRun.Nightly().Events);
        view.Workflow.ShouldBe("nightly");
        view.Counts.ShouldBe(Nightly.Counts);
        view.Tasks.Select(t => t.Id.ToString()).ShouldBe(["fetch", "check", "note", "load", "tell", "late"]);
        view.Tasks[0].Kind.ShouldBe("run");
    }

    [Fact]
    public void An_attempt_closed_by_another_process_is_worker_lost_and_the_next_one_counts()
    {
        var run = new ToldRun()
            .At(0, new WorkflowCreated { Workflow = "one", DefinitionVersion = "" })
            .At(0, new WorkflowStarted { TotalTasks = 1 })
            .At(1, ToldRun.Started("a"))
            .At(9, new WorkflowRecovered("worker lost", 2, "w2"))
            .At(9, new TaskRetrying(new("a"), 1) { NextAttempt = 2, DelayMs = 0, RetryAt = ToldRun.Start, Error = "lost", ErrorType = FailureKind.WorkerLost, Resumed = true, AttemptDurationMs = 8000 })
            .At(9, ToldRun.Started("a", 2));
        var view = RunView.From(null, ToldRun.Id, run.Events);
        view.Recoveries.ShouldBe(1);
        view.Tasks[0].Status.ShouldBe(TaskStatus.Running);
        view.Tasks[0].History.Select(h => h.ErrorType).ShouldBe([FailureKind.WorkerLost, null]);
    }

    [Fact]
    public void A_cancel_between_attempts_leaves_the_failed_attempt_as_it_was()
    {
        var run = new ToldRun()
            .At(0, ToldRun.Started("a"))
            .At(1, new TaskRetrying(new("a"), 1) { NextAttempt = 2, DelayMs = 5000, RetryAt = ToldRun.Start, Error = "no", ErrorType = FailureKind.Error, AttemptDurationMs = 1000 })
            .At(2, new TaskCancelled(new("a"), 1, CancelReason.RunCancelled) { Attempts = 1, DurationMs = 2000 });
        var task = RunView.From(null, ToldRun.Id, run.Events).Tasks.ShouldHaveSingleItem();
        task.Status.ShouldBe(TaskStatus.Cancelled);
        task.History.ShouldHaveSingleItem().Outcome.ShouldBe(TaskStatus.Failed);
    }

    [Fact]
    public void The_summary_has_exactly_its_keys_in_their_order()
    {
        var outputs = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{"rows":3,"text":"<ä>"}""")!;
        var view = Nightly with
        {
            ReportDir = "/data/runs/x",
            Tasks = [Nightly.Tasks[0] with { Outputs = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(outputs) }, Nightly.Tasks[3]],
        };
        System.Text.Encoding.UTF8.GetString(RunViewJson.Summary(view)).ShouldBe(
            """{"run_id":"019b7744-0000-7000-8000-000000000001","workflow":"nightly","status":"failed","duration_ms":7100,"trace_id":"019b7744000070008000000000000001","report_dir":"/data/runs/x","counts":{"total":6,"completed":2,"failed":1,"failed_allowed":1,"skipped":1,"cancelled":1},"tasks":{"fetch":{"status":"completed","attempts":1,"duration_ms":2000,"exit_code":0,"reason":null,"error":null,"outputs":{"rows":3,"text":"<ä>"}},"tell":{"status":"skipped","attempts":0,"duration_ms":0,"exit_code":null,"reason":"dependency_failed","error":null,"outputs":null}}}""");
    }

    [Fact]
    public void The_full_form_begins_with_the_summarys_keys()
    {
        using var full = JsonDocument.Parse(RunViewJson.Full(Nightly));
        using var summary = JsonDocument.Parse(RunViewJson.Summary(Nightly));
        full.RootElement.EnumerateObject().Take(8).Select(p => p.Name).ShouldBe(summary.RootElement.EnumerateObject().Select(p => p.Name));
        var task = full.RootElement.GetProperty("tasks").GetProperty("check");
        task.EnumerateObject().Take(7).Select(p => p.Name).ShouldBe(summary.RootElement.GetProperty("tasks").GetProperty("check").EnumerateObject().Select(p => p.Name));
        task.GetProperty("history")[0].GetProperty("started_at").GetString().ShouldBe("2026-01-01T02:00:02.500000Z");
        full.RootElement.GetProperty("counts").GetRawText().ShouldBe(summary.RootElement.GetProperty("counts").GetRawText());
        full.RootElement.GetProperty("critical_path").GetProperty("tasks").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public void The_full_form_has_every_property_of_the_view()
    {
        using var full = JsonDocument.Parse(RunViewJson.Full(Nightly));
        var check = full.RootElement.GetProperty("tasks").GetProperty("check");
        Keys(full.RootElement).ShouldBe(Properties<RunView>().Except(["damage"]), "what cannot be read is said only where that is so");
        // What only handlers, waits and fan-outs have is left out of the others.
        Keys(check).ShouldBe(Properties<TaskView>().Except(["role", "waiting", "progress", "items", "failed_items", "item", "child_run_id"]), ignoreOrder: true);
        Keys(check.GetProperty("history")[0]).ShouldBe(Properties<AttemptView>());
        Keys(full.RootElement.GetProperty("stages")[0]).ShouldBe(Properties<StageView>());
        Keys(full.RootElement.GetProperty("critical_path")).ShouldBe(Properties<CriticalPath>());
        Keys(full.RootElement.GetProperty("slots")).ShouldBe(Properties<SlotUse>());

        static IEnumerable<string> Keys(JsonElement element) => element.EnumerateObject().Select(p => p.Name);
        static IEnumerable<string> Properties<T>() => typeof(T).GetProperties().Where(p => p.Name != "IsTerminal").Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name));
    }

    [Fact]
    public void A_row_is_the_same_from_the_ends_of_the_stream_and_from_the_whole()
    {
        var events = ToldRun.Nightly().Events;
        var row = RunRow.FromEnds(ToldRun.Id, [.. events.Take(3)], events[^1]);
        row.ShouldBe(RunRow.From(Nightly));
        RunRow.FromEnds(ToldRun.Id, [events[0]], events[^1]).ShouldBeNull("it started, and when is not known");
        RunRow.FromEnds(ToldRun.Id, [events[0]], events[^2]).ShouldBeNull();
        System.Text.Encoding.UTF8.GetString(RunViewJson.Row(row!)).ShouldBe(
            """{"run_id":"019b7744-0000-7000-8000-000000000001","workflow":"nightly","status":"failed","started_at":"2026-01-01T02:00:00.500000Z","duration_ms":7100,"trigger":"schedule","tasks_done":6,"tasks_total":6}""");
    }
}
