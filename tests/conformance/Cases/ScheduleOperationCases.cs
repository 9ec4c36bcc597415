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

    // The workflows folder that a `serve` gets is also that of the verbs without one.
    private static Sandbox Box(string? workflow = null)
    {
        var box = new Sandbox("schedules");
        box.Write("workflows/nightly.yaml", workflow ?? Nightly);
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        return box;
    }
}
