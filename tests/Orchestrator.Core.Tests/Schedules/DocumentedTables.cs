using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Core.Tests.Schedules.Ledger;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>The tables of config/README.md about downtime and clock changes are what the program does. <c>ORCHESTRATOR_GOLDEN=write</c> writes them anew.</summary>
public sealed class DocumentedTables
{
    private static readonly (string Name, CatchUpRule Rule)[] s_policies =
    [
        ("none", CatchUpRule.None),
        ("latest", new(CatchUpPolicy.Latest)),
        ("{policy: all, window: 3h}", new(CatchUpPolicy.All) { Window = TimeSpan.FromHours(3) }),
        ("{policy: all, window: 3h, max: 2}", new(CatchUpPolicy.All) { Window = TimeSpan.FromHours(3), Max = 2 }),
    ];

    private static readonly (string What, Action<LedgerBench> Happens)[] s_events =
    [
        ("the service was down from 00:30 to 05:30", b => Down(b, "05:30:00", "0 * * * *")),
        ("it was down until 05:00:30", b => Down(b, "05:00:30", "0 * * * *")),
        ("the machine slept from 00:30 to 05:30", b => Awake(b, "05:30:00")),
        ("its clock was set forward from 00:30 to 05:30", b => Awake(b, "05:30:00")),
        ("its clock was set back from 02:30 to 00:30", b =>
        {
            foreach (var hour in (string[])["01", "02"]) Fire(b, $"{hour}:00:00");
            b.Now = At("02:30:00");
            Awake(b, "00:30:00");
            for (var hour = 1; hour <= 3; hour++) Fire(b, string.Create(CultureInfo.InvariantCulture, $"{hour:00}:00:00"));
        }),
        ("it was paused at 00:30 and resumed at 05:30", b =>
        {
            b.Now = At("00:30:00");
            b.Do(new LedgerInput.Pause("ann", null));
            b.Now = At("05:30:00");
            b.Do(new LedgerInput.Resume("ann", null));
        }),
        ("it was disabled at 00:30 and enabled at 05:30", b =>
        {
            b.Now = At("00:30:00");
            b.Do(new LedgerInput.Close(IsRemoved: false));
            b.Now = At("05:30:00");
            b.Open("0 * * * *");
        }),
        ("its rule was edited while the service was down", b => Down(b, "05:30:00", "15 * * * *")),
        ("the engine was full from 00:30 to 05:30", b =>
        {
            for (var hour = 1; hour <= 5; hour++) b.TickAt(Text(At(string.Create(CultureInfo.InvariantCulture, $"{hour:00}:00:00"))));
            b.Now = At("05:30:00");
            b.AcceptAll();
        }),
        ("the disk was full from 00:30 to 05:30", b => b.TickAt(Text(At("05:30:00")))),
    ];

    [Fact]
    public void The_table_of_what_happens_after_downtime_is_true()
    {
        var table = new StringBuilder($"| An hourly schedule, `0 * * * *` | {string.Join(" | ", s_policies.Select(p => $"`catchup: {p.Name}`"))} |\n|{string.Concat(Enumerable.Repeat("---|", s_policies.Length + 1))}\n");
        foreach (var (what, happens) in s_events)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {what}");
            foreach (var (_, rule) in s_policies)
            {
                var bench = new LedgerBench { Policy = new() { CatchUp = rule } };
                bench.Open("0 * * * *");
                happens(bench);
                table.Append(CultureInfo.InvariantCulture, $" | {Entries(bench)}");
            }
            table.Append(" |\n");
        }
        Holds("downtime", table.ToString());
    }

    [Fact]
    public void The_table_of_what_is_due_when_clocks_change_is_true()
    {
        var zone = ZoneReading.Rules(TimeZoneInfo.FindSystemTimeZoneById("Europe/Helsinki"));
        (string Written, ScheduleTerms Terms)[] rules =
        [
            ("cron: \"30 3 * * *\"", new() { Cron = "30 3 * * *" }),
            ("cron: \"30 3 * * *\", dst: {gap: skip}", new() { Cron = "30 3 * * *", Dst = new(GapRule.Skip, default) }),
            ("cron: \"30 3 * * *\", dst: {overlap: last}", new() { Cron = "30 3 * * *", Dst = new(default, OverlapPass.Last) }),
            ("cron: \"30 3 * * *\", dst: {overlap: both}", new() { Cron = "30 3 * * *", Dst = new(default, OverlapPass.Both) }),
            ("cron: \"0 2-4 * * *\"", new() { Cron = "0 2-4 * * *" }),
            ("cron: \"*/30 3 * * *\"", new() { Cron = "*/30 3 * * *" }),
            ("cron: \"0 2,4 * * *\"", new() { Cron = "0 2,4 * * *" }),
            ("every: 1h", new() { Every = TimeSpan.FromHours(1) }),
            ("rrule: FREQ=DAILY, start: 2026-01-01T03:30", new() { Rrule = "FREQ=DAILY", Start = "2026-01-01T03:30" }),
            ("at: [2026-03-29T03:30, 2026-10-25T03:30]", new() { At = ["2026-03-29T03:30", "2026-10-25T03:30"] }),
        ];
        var table = new StringBuilder("| `timezone: Europe/Helsinki` and | 29 March 2026: 02:59:59 is followed by 04:00 | 25 October 2026: 03:59:59 is followed by 03:00 |\n|---|---|---|\n");
        foreach (var (written, terms) in rules)
        {
            ScheduleTimes.TryCreate(terms with { Timezone = "Europe/Helsinki" }, zone, "a/b", out var times, out var error).ShouldBeTrue(error);
            table.Append(CultureInfo.InvariantCulture, $"| `{written}` | {Between(times!, zone, "2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z")} | {Between(times!, zone, "2026-10-24T23:00:00Z", "2026-10-25T02:30:00Z")} |\n");
        }
        Holds("clocks", table.ToString());
    }

    private static void Down(LedgerBench bench, string until, string rule)
    {
        bench.Now = bench.AwakeSince = At(until);
        bench.Open(rule);
    }

    private static void Awake(LedgerBench bench, string since)
    {
        bench.Now = bench.AwakeSince = At(since);
        bench.Do(new LedgerInput.Tick());
    }

    private static void Fire(LedgerBench bench, string at)
    {
        bench.TickAt(Text(At(at)));
        bench.AcceptAll();
    }

    // Entries in a row that are alike are one word with both ends.
    private static string Entries(LedgerBench bench)
    {
        var groups = new List<(string Word, DateTimeOffset From, DateTimeOffset To)>();
        foreach (var e in bench.Journal.Select(e => e.Event))
        {
            (string? Word, DateTimeOffset From, DateTimeOffset To) entry = e switch
            {
                ScheduleStarts s => ($"`{s.Type[9..]}`", s.DueAt, s.DueAt),
                ScheduleSkipped s => ($"`skipped` ({s.Reason})", s.DueAt, s.Until ?? s.DueAt),
                ScheduleUpdated { Change: ScheduleChange.Rearmed } u => ("`updated` (rearmed)", u.From, u.From),
                _ => default,
            };
            if (entry.Word is null) continue;
            if (groups.Count > 0 && groups[^1].Word == entry.Word) groups[^1] = groups[^1] with { To = entry.To };
            else groups.Add((entry.Word, entry.From, entry.To));
        }
        return groups.Count == 0 ? "nothing" : string.Join(", ", groups.Select(g => $"{g.Word} {g.From:HH:mm}{(g.To > g.From ? $" to {g.To:HH:mm}" : "")}"));
    }

    private static string Between(ScheduleTimes times, ZoneRules zone, string from, string to)
    {
        var due = times.After(Due.At(from).AddTicks(-1)).TakeWhile(d => d <= Due.At(to))
            .Select(d => string.Create(CultureInfo.InvariantCulture, $"{zone.LocalAt(d):HH:mm} (+{zone.OffsetAt(d).TotalHours:0})")).ToArray();
        return due.Length == 0 ? "nothing" : string.Join(", ", due);
    }

    private static DateTimeOffset At(string time) => Due.At($"2026-01-01T{time}Z");

    private static string Text(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);

    private static void Holds(string name, string table, [CallerFilePath] string here = "")
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "config", "README.md"));
        var text = File.ReadAllText(path);
        var (begin, end) = ($"<!-- {name}: made by a test -->\n", $"<!-- end of {name} -->");
        var at = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, StringComparison.Ordinal);
        (at >= begin.Length && to >= at).ShouldBeTrue($"config/README.md has no {begin}");
#pragma warning disable RS0030 // The switch is the developer's, not the program's.
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_GOLDEN") == "write") File.WriteAllText(path, text[..at] + table + text[to..]);
#pragma warning restore RS0030
        else text[at..to].ShouldBe(table, "Write it anew: ORCHESTRATOR_GOLDEN=write and this test.");
    }
}
