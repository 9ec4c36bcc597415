using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Backfills as a user sees them: each item one run, through kills, cancels and failures.</summary>
public sealed class BackfillCases
{
    private const string January = "2026-01-01T02:00:00Z 2026-01-02T02:00:00Z 2026-01-03T02:00:00Z 2026-01-04T02:00:00Z 2026-01-05T02:00:00Z";

    private static string Sales(Sandbox box, string run = "true") => $$$"""
        name: sales
        params:
          day: {type: date, default: "${{ date(now, -1) }}"}
          region: {type: string, default: eu}
        schedules:
          - {id: nightly, cron: "0 2 * * *", overlap: skip, params: {region: us}}
        tasks:
          - {id: load, env: {DAY: "${{ params.day }}", REGION: "${{ params.region }}"}, run: 'echo "$DAY $REGION" >> {{{box.PathOf("ledger")}}}; {{{run}}}'}
        """;

    [Fact(DisplayName = "BF01 a backfill runs each due time of a range once, in order, as it would have run back then")]
    [Trait("Program", "both")]
    public async Task DueTimes()
    {
        await using var box = new Sandbox();
        box.Write("workflows/sales.yaml", Sales(box));
        await using var server = await Server.StartAsync(box);
        var id = (await box.RunAsync("schedule", "backfill", "sales", "--from", "2026-01-01", "--to", "2026-01-05", "--reason", "late data", "--json")).Exits(0).Json().Text("backfill_id")!;
        (await EndOfAsync(box, id)).ShouldBe("completed");
        var shown = (await box.RunAsync("schedule", "backfill", "show", id, "--json")).Exits(0).Json();
        string.Join(' ', shown.GetProperty("runs").EnumerateArray().Select(r => r.Text("key"))).ShouldBe(January);
        shown.GetProperty("runs").EnumerateArray().ShouldAllBe(r => r.GetProperty("status").GetString() == "completed");
        shown.Text("reason").ShouldBe("late data");
        File.ReadAllLines(box.PathOf("ledger")).ShouldBe(["2025-12-31 us", "2026-01-01 us", "2026-01-02 us", "2026-01-03 us", "2026-01-04 us"]);

        var runs = (await server.GetAsync("/api/v1/runs")).GetProperty("runs").EnumerateArray().ToList();
        runs.Count.ShouldBe(5);
        runs.ShouldAllBe(r => r.GetProperty("trigger").GetString() == "backfill");
        var events = await box.EventsAsync(shown.GetProperty("runs")[0].Text("run_id")!);
        events[0].Text("correlation_id").ShouldBe(id);   // that of all its runs
        events[0].GetProperty("data").Text("schedule_id").ShouldBe("nightly");
        (await box.RunAsync("schedule", "backfill", "list")).Exits(0).Output.ShouldContain("sales/nightly");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "BF02 a backfill over a date parameter takes steps, order and values, and one that fails stops no other")]
    public async Task Dates()
    {
        await using var box = new Sandbox();
        box.Write("workflows/sales.yaml", Sales(box, "test \"$DAY\" != 2026-01-08"));
        await using (var server = await Server.StartAsync(box))
        {
            var id = (await box.RunAsync("schedule", "backfill", "sales", "--param", "day", "--from", "2026-01-01", "--to", "2026-01-20", "--step", "7d", "--order", "newest", "-p", "region=asia", "--json")).Exits(0).Json().Text("backfill_id")!;
            (await EndOfAsync(box, id)).ShouldBe("failed");
            File.ReadAllLines(box.PathOf("ledger")).ShouldBe(["2026-01-15 asia", "2026-01-08 asia", "2026-01-01 asia"]);
            var items = (await server.GetAsync($"/api/v1/backfills/{id}")).GetProperty("items");
            items.GetProperty("completed").GetInt32().ShouldBe(2);
            items.GetProperty("failed").GetInt32().ShouldBe(1);
        }
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "BF03 a dry run shows the same with a serve and without, and starts nothing")]
    public async Task DryRun()
    {
        await using var box = new Sandbox();
        box.Write("workflows/sales.yaml", Sales(box));
        string[] asked = ["schedule", "backfill", "sales/nightly", "--from", "2026-01-01", "--to", "2026-01-05", "--dry-run"];
        string live;
        await using (var server = await Server.StartAsync(box)) live = (await box.RunAsync([.. asked, "--json"])).Exits(0).Output;
        var alone = (await box.RunAsync([.. asked, "--json"])).Exits(0);
        alone.Output.ShouldBe(live);
        string.Join(' ', alone.Json().GetProperty("runs").EnumerateArray().Select(r => r.Text("key"))).ShouldBe(January);
        alone.Json().GetProperty("runs")[0].GetProperty("params").Text("day").ShouldBe("2025-12-31");
        (await box.RunAsync(asked)).Exits(0).Output.ShouldContain("5 runs would start");
        (await box.RunAsync("runs", "--json")).JsonLines().ShouldBeEmpty();
        (await box.RunAsync("schedule", "backfill", "list", "--json")).JsonLines().ShouldBeEmpty();
        (await box.RunAsync(asked[..^1])).Refuses(5, "no process would execute the backfill");
    }

    [Theory(DisplayName = "BF04 a serve that is killed while a backfill is under way goes on with it: no item is lost or run twice")]
    [InlineData("journal:before_write")]
    [InlineData("journal:mid_write")]
    [InlineData("journal:after_write")]
    [InlineData("journal:after_sync")]
    public async Task Killed(string point)
    {
        const int Kills = 6;
        await using var box = new Sandbox();
        box.Write("workflows/sales.yaml", Sales(box).Replace("name: sales", "name: sales\nmax_worker_losses: 50", StringComparison.Ordinal));
        string id;
        await using (var server = await Server.StartAsync(box))
        {
            id = (await box.RunAsync("schedule", "backfill", "sales", "--from", "2026-01-01", "--to", "2026-01-20", "--parallelism", "3", "--json")).Exits(0).Json().Text("backfill_id")!;
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        box.Environment["ORCHESTRATOR_FAULTS_ALLOWED"] = "1";
        for (var kill = 0; kill < Kills; kill++)
        {
            box.Environment["ORCHESTRATOR_FAULT"] = $"{point}:{8 + 3 * kill}";   // another write each time
            // The fault may come before it is ready.
            await using var process = Server.Start(box);
            await Poll.UntilAsync(async () => process.HasExited || await StatusAsync(box, id) != "running", "the fault, or the end");
            if (!process.HasExited) break;
        }
        box.Environment.Remove("ORCHESTRATOR_FAULT");
        await using (var last = await Server.StartAsync(box))
        {
            (await EndOfAsync(box, id)).ShouldBe("completed");
            last.Process.Signal(15);
            (await last.Process.EndAsync()).Exits(0);
        }
        var runs = (await box.RunAsync("runs", "--limit", "100", "--json")).JsonLines();
        runs.Count.ShouldBe(20);
        runs.ShouldAllBe(r => r.GetProperty("status").GetString() == "completed");
        var shown = (await box.RunAsync("schedule", "backfill", "show", id, "--json")).Json();
        shown.GetProperty("runs").EnumerateArray().Select(r => r.Text("run_id")!).Order().ShouldBe(runs.Select(r => r.RunId()).Order());
        // A task may repeat after a kill; a day that nobody asked for, or none, may not be.
        File.ReadAllLines(box.PathOf("ledger")).Distinct().Count().ShouldBe(20);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "BF05 a backfill that is cancelled starts nothing more and cancels its open runs")]
    public async Task Cancelled()
    {
        await using var box = new Sandbox();
        box.Write("workflows/sales.yaml", Sales(box, "sleep 300"));
        await using (var server = await Server.StartAsync(box))
        {
            var id = (await box.RunAsync("schedule", "backfill", "sales", "--from", "2026-01-01", "--to", "2026-01-20", "--parallelism", "2", "--json")).Exits(0).Json().Text("backfill_id")!;
            await Poll.UntilAsync(() => File.Exists(box.PathOf("ledger")) && File.ReadAllLines(box.PathOf("ledger")).Length == 2, "two runs");
            (await box.RunAsync("schedule", "backfill", "cancel", id[..13], "--reason", "wrong days")).Exits(0);
            (await EndOfAsync(box, id)).ShouldBe("cancelled");
            var shown = (await box.RunAsync("schedule", "backfill", "show", id)).Exits(0).Output;
            shown.ShouldContain("wrong days");
            shown.ShouldContain("18 not started");
            (await box.RunAsync("runs", "--json")).JsonLines().Select(r => r.GetProperty("status").GetString()).ShouldBe(["cancelled", "cancelled"]);
            (await box.RunAsync("schedule", "backfill", "cancel", id)).Refuses(1, "nothing to cancel");
        }
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Theory(DisplayName = "BF06 a backfill that cannot be meant is refused, in plain words, before anything starts")]
    [InlineData(2, "is not a time", "--from", "yesterday", "--to", "2026-01-05")]
    [InlineData(2, "ends before it begins", "--from", "2026-01-05", "--to", "2026-01-01")]
    [InlineData(2, "in the future", "--from", "2199-01-01", "--to", "2199-01-02")]
    [InlineData(2, "no schedule 'nigtly'", "--from", "2026-01-01", "--to", "2026-01-02")]
    [InlineData(2, "no parameter 'date'", "--param", "date", "--from", "2026-01-01", "--to", "2026-01-02")]
    [InlineData(2, "of type string", "--param", "region", "--from", "2026-01-01", "--to", "2026-01-02")]
    [InlineData(2, "has no parameter 'size'", "--param", "size=1", "--from", "2026-01-01", "--to", "2026-01-02")]
    [InlineData(2, "parallelism", "--parallelism", "0", "--from", "2026-01-01", "--to", "2026-01-02")]
    [InlineData(2, "needs --from and --to", "--from", "2026-01-01")]
    [InlineData(4, "no workflow 'selas'", "--from", "2026-01-01", "--to", "2026-01-02")]
    public async Task Refused(int code, string words, params string[] args)
    {
        await using var box = new Sandbox();
        box.Write("workflows/sales.yaml", Sales(box));
        await using var server = await Server.StartAsync(box);
        var name = words.Contains("selas", StringComparison.Ordinal) ? "selas" : words.Contains("nigtly", StringComparison.Ordinal) ? "sales/nigtly" : "sales";
        (await box.RunAsync(["schedule", "backfill", name, .. args])).Refuses(code, words);
        (await box.RunAsync("runs", "--json")).JsonLines().ShouldBeEmpty();
    }

    [Fact(DisplayName = "BF07 a backfill asked for twice with one key is made once, also after a restart")]
    public async Task Keyed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/sales.yaml", Sales(box));
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await using var server = await Server.StartAsync(box);
            for (var n = 0; n < 2; n++) ids.Add(await PostAsync(server));
            (await EndOfAsync(box, ids[0])).ShouldBe("completed");
        }
        ids.Distinct().ShouldHaveSingleItem();
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(3);
    }

    private static async Task<string> PostAsync(Server server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/backfills")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { workflow = "sales", schedule = "nightly", from = "2026-01-01", to = "2026-01-03" }),
        };
        request.Headers.Add("Idempotency-Key", "one");
        using var answer = await server.Http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(202, await answer.Content.ReadAsStringAsync());
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("backfill_id").GetString()!;
    }

    private static async Task<string> StatusAsync(Sandbox box, string id) => (await box.RunAsync("schedule", "backfill", "show", id, "--json")).Json().Text("status")!;

    private static async Task<string> EndOfAsync(Sandbox box, string id)
    {
        var status = "";
        await Poll.UntilAsync(async () => (status = await StatusAsync(box, id)) is "completed" or "failed" or "cancelled", "the end of the backfill");
        return status;
    }
}
