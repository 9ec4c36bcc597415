using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Schedules as an operator handles them: with the verbs of `schedule`, beside a `serve` and without one, and over HTTP.</summary>
public sealed class ScheduleOperationCases
{
    private const string Nightly = """
        name: nightly
        schedules:
          - {id: two, cron: '30 2 * * *', timezone: Europe/Helsinki, catchup: latest}
          - {id: quick, cron: '* * * * * *', overlap: skip}
          - {id: off, cron: '@daily', enabled: false}
          - {id: past, at: 2020-01-01T10:00}
        tasks: [{id: a, noop: true}]

        """;

    [Fact(DisplayName = "SO01 schedules are listed with their state and next due time, the same without a `serve`, beside one, and over HTTP")]
    public async Task List()
    {
        await using var box = Box();
        var before = (await box.RunAsync("schedule", "list", "--json")).Exits(0).JsonLines();
        before.Select(s => s.Text("schedule") + " " + s.Text("state")).ShouldBe(["off disabled", "past finished", "quick active", "two active"]);
        before[3].Text("next_local")!.ShouldContain("T02:30:00+0");
        before.ShouldAllBe(s => !s.GetProperty("in_force").GetBoolean());
        var table = (await box.RunAsync("schedule", "list")).Exits(0).Output;
        table.ShouldContain("nightly/two");
        table.ShouldContain("02:30:00 +0");
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/quick")).Text("last_run_id") is not null, "a run");
            var beside = (await box.RunAsync("schedule", "list", "nightly", "--json")).Exits(0).JsonLines();
            beside.Select(s => s.GetProperty("in_force").GetBoolean()).ShouldBe([false, true, true, true]);
            beside[3].ToString().ShouldBe((await server.GetAsync("/api/v1/schedules")).GetProperty("schedules")[3].ToString());
            (await server.AskAsync("/api/v1/schedules/nightly/nope")).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(404), a => a.Body.Text("code").ShouldBe("schedule_not_found"));
            (await server.AskAsync("/api/v1/schedules?state=active")).Status.ShouldBe(400);
        }
        (await box.RunAsync("schedule", "list", "nightly/quick", "--json")).JsonLines().Single().Text("last_run_id").ShouldNotBeNull();
        (await box.RunAsync("schedule", "list", "nightly/tow")).Refuses(4, "nightly/two");
        (await box.RunAsync("schedule", "list", "a/b/c")).Exits(2);
    }

    [Fact(DisplayName = "SO02 due times to come are in order, in the zone of their schedule, and days on which clocks are set are marked")]
    public async Task Next()
    {
        await using var box = Box();
        var year = (await box.RunAsync("schedule", "next", "nightly/two", "--until", "366d", "--json")).Exits(0).JsonLines();
        year.Count.ShouldBeInRange(365, 367);
        year.Select(d => d.GetProperty("due_at").GetDateTimeOffset()).ShouldBeInOrder();
        year.Where(d => d.GetProperty("clock_change").ValueKind == JsonValueKind.Number).Select(d => d.GetProperty("clock_change").GetInt32()).Order().ShouldBe([-60, 60]);
        year.Select(d => d.Text("local")![^6..]).Distinct().Order().ShouldBe(["+02:00", "+03:00"]);
        (await box.RunAsync("schedule", "next", "nightly/two", "--until", "366d")).Output.ShouldContain("clocks forward 1 h");
        var all = (await box.RunAsync("schedule", "next", "--count", "4", "--json")).JsonLines();
        all.Select(d => d.Text("schedule")).ShouldBe(["quick", "quick", "quick", "quick"]);
        await using var server = await Server.StartAsync(box);
        (await box.RunAsync("schedule", "next", "nightly/two", "--count", "3", "--json")).JsonLines().Select(d => d.ToString()).ShouldBe(year.Take(3).Select(d => d.ToString()));
        (await server.GetAsync("/api/v1/schedules/next?schedule=two&count=2")).GetProperty("has_more").GetBoolean().ShouldBeTrue();
        (await server.AskAsync("/api/v1/schedules/next?count=0&until=soon")).Body.GetProperty("errors").GetArrayLength().ShouldBe(2);
        (await box.RunAsync("schedule", "next", "--count", "0")).Exits(2);
        (await box.RunAsync("schedule", "next", "--until", "soon")).Exits(2);
    }

    [Fact(DisplayName = "SO03 the history of a schedule is its ledger, newest first and page by page, also after the schedule was removed")]
    public async Task History()
    {
        await using var box = Box();
        (await box.RunAsync("schedule", "history", "nightly/quick")).Exits(0).Output.ShouldContain("no entries yet");
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await box.RunAsync("schedule", "history", "nightly/quick", "--json")).Exits(0).JsonLines().Count(e => e.Text("type") == "schedule.dispatched") >= 2, "two runs");
            var page = await server.GetAsync("/api/v1/schedules/nightly/quick/history?limit=2");
            page.GetProperty("entries").GetArrayLength().ShouldBe(2);
            var older = await server.GetAsync($"/api/v1/schedules/nightly/quick/history?limit=500&cursor={page.Text("next_cursor")}");
            older.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64())
                .ShouldBe(Enumerable.Range(1, (int)page.GetProperty("entries")[1].GetProperty("seq").GetInt64() - 1).Reverse().Select(n => (long)n));
            older.Text("next_cursor").ShouldBeNull();
            (await server.AskAsync("/api/v1/schedules/nightly/nope/history")).Status.ShouldBe(404);
            (await server.AskAsync("/api/v1/schedules/nightly/quick/history?cursor=x")).Status.ShouldBe(400);
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        File.Delete(box.PathOf("workflows/nightly.yaml"));
        var all = (await box.RunAsync("schedule", "history", "nightly/quick", "--limit", "500", "--json")).Exits(0).JsonLines();
        all[^1].Text("reason").ShouldBe("enabled");
        all.Select(e => e.GetProperty("seq").GetInt64()).ShouldBeInOrder(SortDirection.Descending);
        (await box.RunAsync("schedule", "history", "nightly/quick", "--limit", "2", "--before", "3", "--json")).JsonLines().Select(e => e.GetProperty("seq").GetInt64()).ShouldBe([2, 1]);
        (await box.RunAsync("schedule", "history", "nightly/quick", "--limit", "3")).Output.ShouldContain("--before");
        (await box.RunAsync("schedule", "history", "nightly/nope")).Exits(4);
    }

    [Fact(DisplayName = "SO04 a pause says who, why and until when, survives a kill, is over by itself, and what was due in it has one entry")]
    public async Task Pause()
    {
        await using var box = Box();
        (await box.RunAsync("schedule", "pause", "nightly/quick")).Refuses(5, "serve");
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/quick")).Text("last_run_id") is not null, "a run");
            var paused = (await box.RunAsync("schedule", "pause", "nightly/quick", "--until", "6s", "--reason", "disk full", "--json")).Exits(0).JsonLines().Single();
            paused.Text("state").ShouldBe("paused");
            paused.Text("pause_reason").ShouldBe("disk full");
            paused.Text("paused_by").ShouldBe(Environment.UserName);
            (await box.RunAsync("schedule", "list", "nightly/quick")).Output.ShouldContain("disk full");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/quick")).Text("state") == "active", "the end of the pause");
            List<JsonElement> history = [];
            var at = -1;
            await Poll.UntilAsync(async () =>
            {
                history = [.. (await server.GetAsync("/api/v1/schedules/nightly/quick/history")).GetProperty("entries").EnumerateArray().Reverse()];
                at = history.FindIndex(e => e.Text("type") == "schedule.resumed");
                return at > 0 && at + 1 < history.Count;
            }, "what was due in the pause");
            history[at].Text("actor").ShouldBe("orchestrator");
            history[at - 1].Text("type").ShouldBe("schedule.paused");
            history[at + 1].Text("type").ShouldBe("schedule.skipped");
            history[at + 1].Text("reason").ShouldBe("paused");
            history[at + 1].GetProperty("count").GetInt32().ShouldBeGreaterThan(2);
            await StopAsync(server);
        }
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "SO05 a pause over HTTP is refused where it cannot be meant, and a resumption says who and why")]
    public async Task PauseByHttp()
    {
        await using var box = Box();
        await using var server = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/two")).GetProperty("in_force").GetBoolean(), "a schedule in force");
        (await server.PostAsync("/api/v1/schedules/nightly/two/pause", new { reason = "wait", requested_by = "ann" })).Body.Text("paused_by").ShouldBe("ann");
        (await server.PostAsync("/api/v1/schedules/nightly/two/pause", new { until = "2020-01-01T00:00Z" })).Status.ShouldBe(422);
        (await server.PostAsync("/api/v1/schedules/nightly/two/pause", new { until = "soon" })).Status.ShouldBe(422);
        (await server.PostAsync("/api/v1/schedules/nightly/two/pause", new { untill = "2h" })).Status.ShouldBe(400);
        (await server.PostAsync("/api/v1/schedules/nightly/off/pause", new { })).Body.Text("code").ShouldBe("schedule_not_in_force");
        (await server.PostAsync("/api/v1/schedules/nightly/nope/pause", new { })).Status.ShouldBe(404);
        (await box.RunAsync("schedule", "resume", "nightly/two", "--reason", "done")).Exits(0).Output.ShouldContain("next due");
        var last = (await server.GetAsync("/api/v1/schedules/nightly/two/history?limit=1")).GetProperty("entries")[0];
        last.Text("type").ShouldBe("schedule.resumed");
        last.Text("actor").ShouldBe(Environment.UserName);
        last.Text("reason").ShouldBe("done");
        (await box.RunAsync("schedule", "pause", "nightly", "--json")).Exits(0).JsonLines().Select(s => s.Text("schedule")).ShouldBe(["quick", "two"]);
        (await box.RunAsync("schedule", "pause", "nightly/off")).Exits(1);
        (await box.RunAsync("schedule", "pause", "nightly/two", "--until", "soon")).Exits(2);
    }

    [Fact(DisplayName = "SO06 a run that is asked for is one run under its id, also after a kill, in the history and reconciled")]
    public async Task RunNow()
    {
        await using var box = Box();
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/two")).GetProperty("in_force").GetBoolean(), "a schedule in force");
            var asked = (await box.RunAsync("schedule", "run-now", "nightly/two", "--id", "release-7", "--reason", "once more", "--json")).Exits(0).Json();
            run = asked.Text("run_id")!;
            (await server.EndOfAsync(run)).ShouldBe("completed");
            var view = await server.GetAsync($"/api/v1/runs/{run}");
            view.Text("trigger").ShouldBe("manual");
            view.Text("schedule_id").ShouldBe("two");
            view.Text("requested_by").ShouldBe(Environment.UserName);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/two")).GetProperty("in_force").GetBoolean(), "a schedule in force");
            var (status, again) = await server.PostAsync("/api/v1/schedules/nightly/two/runs", new { request_id = "release-7" });
            status.ShouldBe(202);
            again.Text("run_id").ShouldBe(run);
            again.GetProperty("already_existed").GetBoolean().ShouldBeTrue();
            (await server.PostAsync("/api/v1/schedules/nightly/two/runs", new { request_id = "no good" })).Status.ShouldBe(422);
            (await server.PostAsync("/api/v1/schedules/nightly/off/runs", new { })).Status.ShouldBe(409);
            (await server.PostAsync("/api/v1/schedules/nightly/nope/runs", new { })).Status.ShouldBe(404);
            var other = (await server.PostAsync("/api/v1/schedules/nightly/two/runs", new { })).Body.Text("run_id")!;
            other.ShouldNotBe(run);
            (await server.EndOfAsync(other)).ShouldBe("completed");
            await StopAsync(server);
        }
        var history = (await box.RunAsync("schedule", "history", "nightly/two", "--json")).JsonLines();
        history.Where(e => e.Text("run_id") == run).Select(e => e.Text("type")).ShouldBe(["schedule.dispatched", "schedule.run_started", "schedule.run_requested"]);
        var first = (await box.RunAsync("schedule", "history", "nightly/two", "--limit", "4")).Output;
        var cursor = first.Split("--before ")[1].Trim();
        var rest = (await box.RunAsync("schedule", "history", "nightly/two", "--before", cursor, "--json")).JsonLines();
        history.Skip(4).Select(e => e.ToString()).ShouldBe(rest.Select(e => e.ToString()));
        var reconciled = (await box.RunAsync("reconcile")).Exits(0);
        reconciled.Output.ShouldContain("2 more were requested");
    }

    [Theory(DisplayName = "SO07 a run that is asked for overlaps as due times do")]
    [InlineData("allow", 0, "dispatched")]
    [InlineData("skip", 1, "run_blocked")]
    [InlineData("queue", 0, "queued")]
    [InlineData("replace", 0, "dispatched")]
    public async Task RunNowOverlaps(string overlap, int exit, string seen)
    {
        await using var box = Box($"name: nightly\nschedules: [{{id: two, cron: '@yearly', overlap: {overlap}}}]\ntasks: [{{id: a, run: 'until test -e {{}}/go; do sleep 0.05; done'}}]\n".Replace("{}", Path.GetTempPath() + "never", StringComparison.Ordinal));
        await using var server = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/two")).GetProperty("in_force").GetBoolean(), "a schedule in force");
        var first = (await server.PostAsync("/api/v1/schedules/nightly/two/runs", new { request_id = "1" })).Body.Text("run_id")!;
        // It exists once it is accepted.
        await Poll.UntilAsync(async () => await server.AskAsync($"/api/v1/runs/{first}") is (200, var begun) && begun.Text("status") == "running", "the first run");
        var (_, body) = await server.PostAsync("/api/v1/schedules/nightly/two/runs", new { request_id = "2" });
        (body.Text("outcome") ?? body.Text("code")).ShouldBe(seen);
        (await box.RunAsync("schedule", "run-now", "nightly/two", "--id", "2")).Exits(exit);
        if (overlap == "replace") (await server.EndOfAsync(first)).ShouldBe("cancelled");
        if (overlap != "queue") return;
        (await box.RunAsync("cancel", first)).Exits(0);
        // It exists once it is accepted.
        await Poll.UntilAsync(async () => await server.AskAsync($"/api/v1/runs/{body.Text("run_id")}") is (200, var waited) && waited.Text("status") == "running", "the run that waited");
    }

    [Fact(DisplayName = "SO08 all schedules can be paused at once: the service stays ready and says so, what was due has one entry, a kill changes nothing")]
    public async Task Maintenance()
    {
        await using var box = Box();
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/quick")).Text("last_run_id") is not null, "a run");
            (await box.RunAsync("schedule", "pause", "--all", "--reason", "upgrade")).Exits(0).Output.ShouldContain("upgrade");
            (await box.RunAsync("schedule", "pause", "nightly/two", "--all")).Exits(2);
            (await box.RunAsync("schedule", "pause")).Exits(2);
            var ready = await server.AskAsync("/readyz");
            ready.Status.ShouldBe(200);
            ready.Body.Text("schedules_paused")!.ShouldContain("upgrade");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            var page = await server.GetAsync("/api/v1/schedules");
            page.GetProperty("all").GetProperty("paused").GetBoolean().ShouldBeTrue();
            page.GetProperty("schedules").EnumerateArray().Select(s => s.Text("state")).ShouldBe(["disabled", "finished", "paused", "paused"]);
            (await box.RunAsync("schedule", "list")).Output.ShouldContain("All schedules are paused");
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/two")).GetProperty("in_force").GetBoolean(), "a schedule in force");
            (await box.RunAsync("schedule", "run-now", "nightly/two")).Exits(0);
            var (status, all) = await server.PostAsync("/api/v1/schedules/pause", new { reason = "upgrade", until = "3s", requested_by = "ann" });
            status.ShouldBe(200);
            all.Text("paused_by").ShouldBe("ann");
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/schedules/nightly/quick")).Text("state") == "active", "the end of the pause");
            List<JsonElement> history = [];
            await Poll.UntilAsync(async () =>
            {
                history = [.. (await server.GetAsync("/api/v1/schedules/nightly/quick/history")).GetProperty("entries").EnumerateArray().Reverse()];
                return history.FindIndex(e => e.Text("reason") == "maintenance") is var at and > 0 && history.Skip(at).Any(e => e.Text("type") == "schedule.dispatched");
            }, "a run after the pause");
            history.Single(e => e.Text("reason") == "maintenance").GetProperty("count").GetInt32().ShouldBeGreaterThan(2);
            (await server.PostAsync("/api/v1/schedules/resume", new { until = "2h" })).Status.ShouldBe(422);
            (await box.RunAsync("schedule", "resume", "--all")).Exits(0);
            await StopAsync(server);
        }
        (await box.RunAsync("reconcile")).Exits(0);
        (await box.RunAsync("events", "--type", "schedules.*")).JsonLines().Select(e => e.Text("type")).ShouldBe(["schedules.paused", "schedules.paused", "schedules.resumed"]);
    }

    private static async Task StopAsync(Server server)
    {
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
    }

    // The workflows folder that a `serve` gets is also that of the verbs without one.
    private static Sandbox Box(string? workflow = null)
    {
        var box = new Sandbox("schedules");
        box.Write("workflows/nightly.yaml", workflow ?? Nightly);
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        return box;
    }
}
