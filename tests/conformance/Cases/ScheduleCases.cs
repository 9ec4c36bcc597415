using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Schedules as a user sees them: every due time has one entry, through kills, edits and long runs.</summary>
public sealed class ScheduleCases
{
    private const string Noop = "tasks: [{id: a, noop: true}]\n";

    [Fact(DisplayName = "SD01 every kind of rule fires, and the ledger and the runs agree")]
    public async Task Rules()
    {
        await using var box = new Sandbox();
        box.Write("workflows/holidays.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20200101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        box.Write("workflows/tick.yaml", $$$"""
            name: tick
            calendars: {holidays: {ics: holidays.ics, yearly: 02-29}, week: {weekdays: [mon, tue, wed, thu, fri, sat, sun]}}
            schedules:
              - {id: cron, cron: '* * * * * *', calendars: {exclude: holidays, only: [week]}}
              - {id: every, every: 1s, jitter: 100ms}
              - {id: rrule, rrule: FREQ=SECONDLY, start: 2026-01-01, timezone: Europe/Helsinki}
              - {id: at, at: ["{{{TimeProvider.System.GetUtcNow().AddSeconds(15):yyyy-MM-dd'T'HH:mm:ss}}}Z"]}
              - {id: boot, cron: '@reboot'}
            {{{Noop}}}
            """);
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await EntriesAsync(box)).Where(e => e.Type == "schedule.dispatched").Select(e => e.Schedule).Distinct().Count() == 5, "five schedules");
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        var entries = await EntriesAsync(box);
        entries.Count(e => e is { Schedule: "at" or "boot", Type: "schedule.fired" }).ShouldBe(2);
        entries.Where(e => e.Type == "schedule.updated").ShouldAllBe(e => e.Data.GetProperty("change").GetString() == "enabled");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "SD02 what was missed while the process was dead is one entry with its count, and nothing is made up for by itself")]
    public async Task Downtime()
    {
        await using var box = new Sandbox();
        box.Write("workflows/tick.yaml", "name: tick\nschedules: [{id: s, cron: '* * * * * *'}]\n" + Noop);
        await KillAfterAsync(box, runs: 2);
        await DeadForAsync(seconds: 4);
        await using (var server = await Server.StartAsync(box)) await UntilAsync(box, e => e.Type == "schedule.skipped");
        var skipped = (await EntriesAsync(box)).First(e => e.Type == "schedule.skipped");
        skipped.Data.GetProperty("reason").GetString().ShouldBe("misfire");
        skipped.Data.GetProperty("count").GetInt32().ShouldBeGreaterThanOrEqualTo(3);
        (await EntriesAsync(box)).ShouldNotContain(e => e.Type == "schedule.caught_up");
        await AccountedAsync(box);
    }

    [Fact(DisplayName = "SD03 what was missed is caught up, the latest and as many as said, each by a run of its own")]
    public async Task CatchUp()
    {
        await using var box = new Sandbox();
        box.Write("workflows/tick.yaml", "name: tick\nschedules: [{id: s, cron: '* * * * * *', catchup: {policy: all, window: 1h, max: 2}}]\n" + Noop);
        await KillAfterAsync(box, runs: 2);
        await DeadForAsync(seconds: 5);
        await using (var server = await Server.StartAsync(box)) await UntilAsync(box, e => e.Type == "schedule.fired", after: "schedule.caught_up");
        var entries = await EntriesAsync(box);
        entries.Count(e => e.Type == "schedule.caught_up").ShouldBe(2);
        entries.First(e => e.Type == "schedule.skipped").Data.GetProperty("reason").GetString().ShouldBe("max");
        await AccountedAsync(box);
    }

    [Theory(DisplayName = "SD04 a due time that finds an open run passes, waits or takes its place, as said")]
    [InlineData("skip", "schedule.blocked")]
    [InlineData("queue", "schedule.queued")]
    [InlineData("replace", "replaces")]
    public async Task Overlap(string overlap, string seen)
    {
        await using var box = new Sandbox();
        box.Write("workflows/slow.yaml", $"name: slow\nschedules: [{{id: s, cron: '* * * * * *', overlap: {overlap}}}]\ntasks: [{{id: a, run: sleep 2.5}}]\n");
        await using (var server = await Server.StartAsync(box))
            await Poll.UntilAsync(async () => (await EntriesAsync(box)).Count(e => e.Type == seen || e.Data.TryGetProperty(seen, out _)) >= 2
                && (await EntriesAsync(box)).Count(e => e.Type == "schedule.dispatched") >= 2, $"two due times: {seen}");
        if (overlap == "replace") (await box.RunAsync("runs", "--json")).JsonLines().ShouldContain(r => r.GetProperty("status").GetString() == "cancelled");
        await AccountedAsync(box);
    }

    [Fact(DisplayName = "SD05 a schedule that is switched off and on again does not fire for the time between, even where all is caught up")]
    public async Task Disabled()
    {
        await using var box = new Sandbox();
        string Definition(bool enabled) => $"name: tick\nschedules: [{{id: s, cron: '* * * * * *', catchup: {{policy: all, window: 1h}}, enabled: {(enabled ? "true" : "false")}}}]\n{Noop}";
        var file = box.Write("workflows/tick.yaml", Definition(true));
        await using (var server = await Server.StartAsync(box))
        {
            await UntilAsync(box, e => e.Type == "schedule.dispatched");
            File.WriteAllText(file, Definition(false));
            await UntilAsync(box, e => Change(e) == "disabled");
            await DeadForAsync(seconds: 3);
            File.WriteAllText(file, Definition(true));
            await UntilAsync(box, e => e.Type == "schedule.fired", after: "schedule.updated", times: 3);
        }
        var entries = await EntriesAsync(box);
        var off = entries.First(e => Change(e) == "disabled").Data.GetProperty("from").GetDateTimeOffset();
        var on = entries.Last(e => Change(e) == "enabled").Data.GetProperty("from").GetDateTimeOffset();
        (on - off).ShouldBeGreaterThan(TimeSpan.FromSeconds(2));
        entries.Where(e => e.Data.TryGetProperty("due_at", out _)).Select(e => e.Data.GetProperty("due_at").GetDateTimeOffset()).ShouldNotContain(due => due > off && due <= on);
        await AccountedAsync(box);
    }

    [Theory(DisplayName = "SD06 a rule that cannot be meant is refused at once, in plain words, where it stands")]
    [InlineData("cron: '0 0 30 2 *'", "never fires")]
    [InlineData("cron: '0 0 L * *'", "belongs to the form with seconds")]
    [InlineData("rrule: FREQ=DAILY", "needs `start`")]
    [InlineData("rrule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30, start: 2026-01-01", "never fires")]
    [InlineData("every: 5m, cron: '@daily'", "has both `cron` and `every`")]
    [InlineData("cron: '@daily', calendars: {exclude: [holidays]}", "declares no calendar 'holidays'")]
    [InlineData("cron: '@daily', overlap: sometimes", "allow, skip, queue, replace")]
    public async Task Refused(string rule, string words)
    {
        await using var box = new Sandbox();
        var file = box.Write("flow.yaml", $"name: flow\nschedules: [{{id: s, {rule}}}]\n{Noop}");
        var finished = (await box.RunAsync("validate", file)).Exits(2);
        (finished.Output + finished.Errors).ShouldContain(words);
        (finished.Output + finished.Errors).ShouldContain("flow.yaml:2:");
    }

    private static async Task KillAfterAsync(Sandbox box, int runs)
    {
        await using var server = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await EntriesAsync(box)).Count(e => e.Type == "schedule.dispatched") >= runs, $"{runs} runs");
        server.Process.Signal(9);
        await server.Process.EndAsync();
    }

    // The time itself is what is looked at: due times pass while nobody is there.
    private static async Task DeadForAsync(int seconds)
    {
        var until = TimeProvider.System.GetUtcNow().AddSeconds(seconds);
        await Poll.UntilAsync(() => TimeProvider.System.GetUtcNow() >= until, $"{seconds} s");
    }

    private static Task UntilAsync(Sandbox box, Func<Entry, bool> wanted, string? after = null, int times = 1) =>
        Poll.UntilAsync(async () =>
        {
            var entries = await EntriesAsync(box);
            var seen = after is null ? 0 : entries.FindLastIndex(e => e.Type == after);
            if (after is not null && entries.Count(e => e.Type == after) < times) return false;
            return seen >= 0 && entries.Skip(seen).Any(wanted);
        }, "an entry of the ledger");

    private static async Task AccountedAsync(Sandbox box)
    {
        // What a kill left is submitted, and the process ends in peace.
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await EntriesAsync(box)).Count > 0);
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        (await box.RunAsync("reconcile")).Exits(0);
    }

    private static string? Change(Entry entry) => entry.Data.TryGetProperty("change", out var change) ? change.GetString() : null;

    private static async Task<List<Entry>> EntriesAsync(Sandbox box) =>
        [.. (await box.RunAsync("journal", "export")).JsonLines().Where(e => e.GetProperty("stream").GetString()!.StartsWith("schedule:", StringComparison.Ordinal))
            .Select(e => new Entry(e.GetProperty("type").GetString()!, e.GetProperty("data").GetProperty("schedule_id").GetString()!, e.GetProperty("data")))];

    private sealed record Entry(string Type, string Schedule, JsonElement Data);
}
