using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Schedules that stop what runs, and those that start it again.</summary>
public sealed class ScheduleStopCases
{
    [Fact(DisplayName = "SO40 `action: stop` cancels the open runs of its workflow, whatever started them, with the schedule as the reason, and its ledger says when they had ended")]
    public async Task Stop()
    {
        await using var box = Box("{id: stop, cron: '*/3 * * * * *', action: stop}");
        await using (var server = await Server.StartAsync(box))
        {
            var run = await server.SubmitAsync("day");
            (await server.EndOfAsync(run)).ShouldBe("cancelled");
            var cancel = (await box.EventsAsync(run)).First(e => e.Text("type") == "workflow.cancel_requested");
            cancel.ToString().ShouldContain("schedule day/stop");
            await Poll.UntilAsync(async () => (await HistoryAsync(server)).Any(e => e.Text("type") == "schedule.stopped"), "the entry of the end");
            var history = await HistoryAsync(server);
            var at = history.FindIndex(e => e.Text("type") == "schedule.stopped");
            history[at].Text("run_id").ShouldBe(run);
            history.Single(e => e.Text("type") == "schedule.stopping" && e.Text("run_id") == run).Text("due_at").ShouldBe(history[at].Text("due_at"));
            await Poll.UntilAsync(async () => (await HistoryAsync(server)).Any(e => e.Text("type") == "schedule.stopping" && e.Text("reason") == "no run was open"), "a due time without a run");
            (await server.PostAsync("/api/v1/schedules/day/stop/runs", new { })).Body.Text("code").ShouldBe("schedule_stops");
            (await box.RunAsync("schedule", "list", "day/stop", "--json")).JsonLines().Single().Text("action").ShouldBe("stop");
            (await box.RunAsync("schedule", "backfill", "day/stop", "--from", "2026-01-01", "--to", "2026-01-01")).Exits(2);
            await StopAsync(server);
        }
        (await box.RunAsync("reconcile")).Exits(0);
        (await box.RunAsync("events", "--type", "schedule.stop*")).Exits(0).JsonLines().Select(e => e.Text("type")).Distinct().Order().ShouldBe(["schedule.stopped", "schedule.stopping"]);
    }

    [Fact(DisplayName = "SO41 `action: restart` cancels the open runs and starts one when they have ended, again and again, never two at once")]
    public async Task Restart()
    {
        await using var box = Box("{id: again, cron: '*/2 * * * * *', action: restart}");
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/runs?workflow=day")).GetProperty("runs").EnumerateArray().Count(r => r.Text("status") == "cancelled") >= 2, "two restarts");
            await StopAsync(server);
        }
        var events = (await box.RunAsync("events", "--type", "workflow.*")).JsonLines().Where(e => e.Text("type") is "workflow.started" or "workflow.cancelled").ToList();
        var open = 0;
        foreach (var e in events) (open += e.Text("type") == "workflow.started" ? 1 : -1).ShouldBeInRange(0, 1);
        var history = (await box.RunAsync("schedule", "history", "day/again", "--limit", "500", "--json")).JsonLines();
        history.Count(e => e.Text("type") == "schedule.queued" && e.Text("reason")!.StartsWith("stops ", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(2);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Theory(DisplayName = "SO42 a kill between the entry and its effect loses nothing: the runs are stopped when the service is back")]
    [InlineData("stop", "schedule.stopped")]
    [InlineData("restart", "schedule.dispatched")]
    public async Task Kill(string action, string outcome)
    {
        // The run does not end when it is asked to, so that the kill falls in between.
        await using var box = Box($"{{id: two, cron: '@yearly', action: {action}}}", "trap '' TERM; until test -e {}; do sleep 0.05; done");
        box.Environment["Orchestrator__Processes__KillGrace"] = "60s";
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("day");
            await server.StatusAsync(run, "running");
            box.Write("workflows/day.yaml", Text($"{{id: two, cron: '* * * * * *', end: {TimeProvider.System.GetUtcNow().AddSeconds(4):yyyy-MM-dd'T'HH:mm:ss'Z'}, action: {action}}}", "trap '' TERM; until test -e {}; do sleep 0.05; done", box));
            await Poll.UntilAsync(async () => (await HistoryAsync(server, "two")).Any(e => e.Text("type") is "schedule.stopping" or "schedule.queued" && e.Text("run_id") == run), "the decision");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        box.Environment["Orchestrator__Processes__KillGrace"] = "100ms";
        await using (var server = await Server.StartAsync(box))
        {
            (await server.EndOfAsync(run)).ShouldBe("cancelled");
            await Poll.UntilAsync(async () => (await HistoryAsync(server, "two")).Any(e => e.Text("type") == outcome), "the outcome");
            var decided = (await HistoryAsync(server, "two")).Where(e => e.Text("type") is "schedule.stopping" or "schedule.fired" or "schedule.late" or "schedule.caught_up" or "schedule.skipped").ToList();
            decided.Select(e => e.Text("due_at")).ShouldBeUnique();
            await StopAsync(server);
        }
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "SO43 keys that have no meaning for an action are refused where they stand, a simulation ends predicted runs, and `serve --once` stops too")]
    public async Task Rest()
    {
        await using var box = new Sandbox("stop");
        box.Workflow("name: day\nschedules: [{id: stop, cron: '@daily', action: stop, overlap: skip, heartbeat: 'https://example.org/x'}]\ntasks: [{id: a, noop: true}]\n");
        (await box.RunAsync("validate", "flow.yaml")).Refuses(2, "`overlap` has no meaning for `action: stop`", "`heartbeat` has no meaning");
        box.Workflow("name: day\nschedules: [{id: s, cron: '@daily', stop: '0 3 * * *'}]\ntasks: [{id: a, noop: true}]\n");
        (await box.RunAsync("validate", "flow.yaml")).Refuses(2, "action: stop");
        box.Write("workflows/day.yaml", "name: day\nschedules:\n  - {id: go, cron: '0 8 * * *'}\n  - {id: halt, cron: '0 18 * * *', action: stop}\ntasks: [{id: a, run: 'true'}]\n");
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        var due = (await box.RunAsync("schedule", "simulate", "--json")).Exits(0).Json().GetProperty("due_times").EnumerateArray().ToList();
        due.Select(d => d.Text("outcome")).Order().ShouldBe(["starts", "stops"]);
        (await box.RunAsync("schedule", "calendar")).Output.ShouldContain("0 18 * * *  stop");
    }

    private static async Task<List<JsonElement>> HistoryAsync(Server server, string id = "stop") =>
        await server.AskAsync($"/api/v1/schedules/day/{id}/history?limit=500") is (200, var page) ? [.. page.GetProperty("entries").EnumerateArray().Reverse()] : [];

    private static async Task StopAsync(Server server)
    {
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
    }

    private static string Text(string schedule, string run, Sandbox box) => $"name: day\nschedules: [{schedule}]\ntasks: [{{id: a, run: \"{run.Replace("{}", box.PathOf("go"), StringComparison.Ordinal)}\"}}]\n";

    private static Sandbox Box(string schedule, string run = "until test -e {}; do sleep 0.05; done")
    {
        var box = new Sandbox("stop");
        box.Write("workflows/day.yaml", Text(schedule, run, box));
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        box.Environment["Orchestrator__Shutdown__Drain"] = "100ms";
        return box;
    }
}
