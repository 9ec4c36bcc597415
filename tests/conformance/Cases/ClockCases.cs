using System.Globalization;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What schedules make of a machine's clock that is set, is wrong, or comes to a change of local time: no due time is lost, none starts two runs.</summary>
public sealed class ClockCases
{
    private const string Tick = "{id: tick, cron: '* * * * * *'}";

    [Fact(DisplayName = "CK01 a clock that is set forward by an hour: what it jumped over is missed, told with its count and caught up as said, and the schedule fires on")]
    [Trait("Program", "both")]
    public async Task Forward()
    {
        await using var box = Box(Tick, "{id: hourly, cron: '0 * * * *', catchup: latest}", "{id: plain, cron: '0 * * * *'}");
        var clock = new MovedClock(box, "2026-06-10T10:15:00Z");
        await using (var server = await Server.StartAsync(box))
        {
            await FiresAsync(server, "tick", clock, 2);
            clock.Step(TimeSpan.FromHours(1));
            await FiresAsync(server, "tick", clock, 2);
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "hourly")).Any(e => e.Type == "schedule.dispatched"), "the run that was missed");
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "plain")).Any(e => e.Type == "schedule.skipped"), "what was missed");
            (await LedgerAsync(server, "hourly")).Where(e => e.DueAt is not null).Select(e => e.ToString()).ShouldBe(["caught_up 10T11:00:00", "dispatched 10T11:00:00"]);
            (await LedgerAsync(server, "plain")).Where(e => e.DueAt is not null).Select(e => e.ToString()).ShouldBe(["skipped 10T11:00:00 misfire"]);
            await StopAsync(server);
        }
        var ticks = await LedgerAsync(box, "tick");
        ticks.Single(e => e.Type == "schedule.skipped").Count.ShouldBeInRange(3590, 3601);
        EachSecondOnce(ticks);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "CK02 a clock that is set back by an hour, and forward again: the schedule fires on at once both times, and what was started is not started twice")]
    [Trait("Program", "both")]
    public async Task Back()
    {
        await using var box = Box(Tick);
        var clock = new MovedClock(box, "2026-06-10T10:00:00Z");
        await using (var server = await Server.StartAsync(box))
        {
            await FiresAsync(server, "tick", clock, 3);
            clock.Step(TimeSpan.FromHours(-1));
            await FiresAsync(server, "tick", clock, 3);
            clock.Step(TimeSpan.FromHours(1));
            await FiresAsync(server, "tick", clock, 2);
            await StopAsync(server);
        }
        var ticks = await LedgerAsync(box, "tick");
        ticks.Count(e => e.Reason == "rearmed").ShouldBe(1);
        ticks.Where(e => e.IsStart).Select(e => e.DueAt).ShouldBeUnique();
        var (before, after) = (ticks.TakeWhile(e => e.Reason != "rearmed").ToList(), ticks.SkipWhile(e => e.Reason != "rearmed").ToList());
        EachSecondOnce(before);
        // The hour that came twice: what was missed in it, what was started the first time, and what came then.
        EachSecondOnce(after, [.. before.Where(e => e.IsStart).Select(e => e.DueAt!.Value)]);
        // At the latest a second after the clock was set, and it takes another until the first run.
        var rearmed = after[0].Time;
        after.First(e => e.IsStart).DueAt!.Value.ShouldBeLessThan(rearmed.AddSeconds(2));
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Theory(DisplayName = "CK03 a clock that was 400 days ahead and is set right silences no schedule: its ledger says so and goes on, the service running or not")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ahead(bool isRunning)
    {
        await using var box = Box(Tick, "{id: hourly, cron: '0 * * * *', catchup: latest}");
        var clock = new MovedClock(box, "2027-07-15T10:00:00Z");
        await using (var server = await Server.StartAsync(box))
        {
            await FiresAsync(server, "tick", clock, 2);
            if (isRunning)
            {
                clock.Step(TimeSpan.FromDays(-400));
                await FiresAsync(server, "tick", clock, 2);
            }
            await StopAsync(server);
        }
        if (!isRunning)
        {
            clock.Step(TimeSpan.FromDays(-400));
            await using var server = await Server.StartAsync(box);
            await FiresAsync(server, "tick", clock, 2);
            await StopAsync(server);
        }
        var ticks = await LedgerAsync(box, "tick");
        var ahead = ticks.TakeWhile(e => e.Reason != "rearmed").ToList();
        EachSecondOnce(ahead);
        EachSecondOnce([.. ticks.Skip(ahead.Count)]);
        ticks.Where(e => e.IsStart).Select(e => e.DueAt).ShouldBeUnique();
        var told = (await box.RunAsync("events", "--type", "schedule.updated")).Exits(0).JsonLines().Single(e => e.GetProperty("data").Text("change") == "rearmed" && e.GetProperty("data").Text("schedule_id") == "tick");
        told.GetProperty("data").GetProperty("ahead").GetDateTimeOffset().ShouldBe(ahead.Last(e => e.DueAt is not null && e.Type != "schedule.dispatched").DueAt!.Value);
        // One that never fired while the clock was wrong is in force from then on as well, and nothing of the 400 days is made up for.
        (await LedgerAsync(box, "hourly")).ShouldAllBe(e => e.Type == "schedule.updated");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "CK04 in the hour that clocks leave out in spring a due time is shifted to its end or passes, as said, and a running service fires it then")]
    public async Task Spring()
    {
        await using var box = Box(
            "{id: shift, cron: '30 3 * * *', timezone: Europe/Helsinki}", "{id: skip, cron: '30 3 * * *', timezone: Europe/Helsinki, dst: {gap: skip}}",
            "{id: each, cron: '*/15 * * * *', timezone: Europe/Helsinki}", Tick);
        var clock = new MovedClock(box, "2026-03-29T00:50:00Z");
        await using (var server = await Server.StartAsync(box))
        {
            await FiresAsync(server, "tick", clock, 1);   // it is at work
            clock.SetTo("2026-03-29T00:59:58Z");
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "shift")).Any(e => e.Type == "schedule.dispatched"), "the end of the gap");
            await FiresAsync(server, "tick", clock, 2);
            await StopAsync(server);
        }
        (await FatesAsync(box, "shift")).ShouldBe(["fired 29T01:00:00"]);
        (await FatesAsync(box, "skip")).ShouldBeEmpty();
        (await LedgerAsync(box, "skip")).Last().NextDueAt.ShouldBe(At("2026-03-30T00:30:00Z"));
        (await FatesAsync(box, "each")).ShouldBe(["fired 29T01:00:00"]);
        EachSecondOnce(await LedgerAsync(box, "tick"));
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "CK05 of a local time that comes twice in autumn the pass fires that was said, or both, each a run of its own")]
    public async Task Autumn()
    {
        string Of(string overlap) => $"{{id: {overlap}, cron: '0 3 * * *', timezone: Europe/Helsinki, dst: {{overlap: {overlap}}}}}";
        await using var box = Box(Of("first"), Of("last"), Of("both"), Tick);
        var clock = new MovedClock(box, "2026-10-24T23:50:00Z");
        await using (var server = await Server.StartAsync(box))
        {
            await FiresAsync(server, "tick", clock, 1);   // it is at work
            clock.SetTo("2026-10-24T23:59:58Z");
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "both")).Any(e => e.Type == "schedule.dispatched"), "the first pass");
            await FiresAsync(server, "tick", clock, 2);
            clock.SetTo("2026-10-25T00:59:58Z");
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "both")).Count(e => e.Type == "schedule.dispatched") == 2, "the last pass");
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "last")).Any(e => e.Type == "schedule.dispatched"), "the last pass alone");
            await FiresAsync(server, "tick", clock, 1);
            await StopAsync(server);
        }
        (await FatesAsync(box, "first")).ShouldBe(["fired 25T00:00:00"]);
        (await FatesAsync(box, "last")).ShouldBe(["fired 25T01:00:00"]);
        (await FatesAsync(box, "both")).ShouldBe(["fired 25T00:00:00", "fired 25T01:00:00"]);
        (await LedgerAsync(box, "both")).Where(e => e.IsStart).Select(e => e.RunId).ShouldBeUnique();
        EachSecondOnce(await LedgerAsync(box, "tick"));
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "CK06 after two days in which nobody was there each missed due time has its fate: passed, or the latest caught up, as said")]
    public async Task Days()
    {
        await using var box = Box(
            "{id: none, cron: '0 * * * *'}", "{id: latest, cron: '0 * * * *', catchup: latest}", "{id: some, cron: '0 * * * *', catchup: {policy: all, window: 1d, max: 3}}", Tick);
        var clock = new MovedClock(box, "2026-06-10T10:30:00Z");
        await using (var server = await Server.StartAsync(box))
        {
            await FiresAsync(server, "tick", clock, 1);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        clock.SetTo("2026-06-12T10:30:00Z");
        await using (var server = await Server.StartAsync(box))
        {
            await FiresAsync(server, "tick", clock, 2);
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "some")).Count(e => e.Type == "schedule.dispatched") == 3, "three runs that were missed");
            await Poll.UntilAsync(async () => (await LedgerAsync(server, "latest")).Any(e => e.Type == "schedule.dispatched"), "the latest that was missed");
            await StopAsync(server);
        }
        (await FatesAsync(box, "none")).ShouldBe(["skipped 10T11:00:00 to 12T10:00:00 x48 misfire"]);
        (await FatesAsync(box, "latest")).ShouldBe(["skipped 10T11:00:00 to 12T09:00:00 x47 superseded", "caught_up 12T10:00:00"]);
        (await FatesAsync(box, "some")).ShouldBe(
        [
            "skipped 10T11:00:00 to 11T10:00:00 x24 window", "skipped 11T11:00:00 to 12T07:00:00 x21 max", "caught_up 12T08:00:00", "caught_up 12T09:00:00", "caught_up 12T10:00:00",
        ]);
        EachSecondOnce(await LedgerAsync(box, "tick"));
        (await box.RunAsync("reconcile")).Exits(0);
    }

    /// <summary>So many runs of due times that the clock shows from now on.</summary>
    private static async Task FiresAsync(Server server, string schedule, MovedClock clock, int count)
    {
        var from = clock.Now;
        await Poll.UntilAsync(async () => (await LedgerAsync(server, schedule)).Count(e => e.Type == "schedule.dispatched" && e.DueAt >= from && e.DueAt < from.AddMinutes(30)) >= count, $"{count} runs since {from:O}");
    }

    // From the first to the last without a gap, no second twice; those that are known already may be left out.
    private static void EachSecondOnce(IReadOnlyList<Entry> entries, IReadOnlyCollection<DateTimeOffset>? known = null)
    {
        DateTimeOffset? last = null;
        foreach (var entry in entries.Where(e => e.IsStart || e.Type is "schedule.skipped"))
        {
            var next = last?.AddSeconds(1) ?? entry.DueAt!.Value;
            while (known?.Contains(next) == true) next = next.AddSeconds(1);
            entry.DueAt.ShouldBe((DateTimeOffset?)next, string.Join('\n', entries));
            last = entry.Until ?? entry.DueAt;
            var seconds = (int)((last ?? next) - next).TotalSeconds + 1;
            entry.Count.ShouldBe(seconds - (known?.Count(k => k >= next && k <= last) ?? 0), $"{entry}");
        }
        last.HasValue.ShouldBeTrue();
    }

    private static async Task<IEnumerable<string>> FatesAsync(Sandbox box, string schedule) =>
        (await LedgerAsync(box, schedule)).Where(e => e.IsStart || e.Type == "schedule.skipped").Select(e => e.ToString());

    private static async Task<List<Entry>> LedgerAsync(Sandbox box, string schedule) =>
        Entries((await box.RunAsync("schedule", "history", $"flow/{schedule}", "--limit", "500", "--json")).Exits(0).JsonLines());

    private static async Task<List<Entry>> LedgerAsync(Server server, string schedule) =>
        await server.AskAsync($"/api/v1/schedules/flow/{schedule}/history?limit=500") is (200, var page) ? Entries(page.GetProperty("entries").EnumerateArray()) : [];

    private static List<Entry> Entries(IEnumerable<JsonElement> newestFirst) => [.. newestFirst.Reverse().Select(e => new Entry(e))];

    private static async Task StopAsync(Server server)
    {
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static Sandbox Box(params string[] schedules)
    {
        var box = new Sandbox("clock");
        box.Write("workflows/flow.yaml", $"name: flow\nschedules:\n{string.Concat(schedules.Select(s => $"  - {s}\n"))}tasks: [{{id: a, noop: true}}]\n");
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        return box;
    }

    /// <summary>An entry of a schedule's ledger.</summary>
    private sealed class Entry(JsonElement row)
    {
        public string Type { get; } = row.Text("type")!;

        public string? Reason { get; } = row.Text("reason");

        public string? RunId { get; } = row.Text("run_id");

        public DateTimeOffset Time { get; } = At(row.Text("time")!);

        public DateTimeOffset? DueAt { get; } = Instant(row, "due_at");

        public DateTimeOffset? Until { get; } = Instant(row, "until");

        public DateTimeOffset? NextDueAt { get; } = Instant(row, "next_due_at");

        public int Count { get; } = row.GetProperty("count") is { ValueKind: JsonValueKind.Number } count ? count.GetInt32() : 1;

        public bool IsStart => Type is "schedule.fired" or "schedule.late" or "schedule.caught_up";

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type["schedule.".Length..]} {DueAt:dd'T'HH:mm:ss}{(Until is { } until ? $" to {until:dd'T'HH:mm:ss} x{Count}" : "")} {Reason}").TrimEnd();

        private static DateTimeOffset? Instant(JsonElement row, string name) => row.Text(name) is { } text ? At(text) : null;
    }
}
