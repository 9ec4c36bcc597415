using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>Two days around each change of clocks of a year, minute by minute, with restarts: what fires is what a look at the zone's clock each minute says.</summary>
public sealed class ClockChangeDaysTests
{
    [Theory]
    [InlineData("Europe/Helsinki")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Sydney")]
    [InlineData("Australia/Lord_Howe")]     // half an hour
    [InlineData("Africa/Casablanca")]       // around Ramadan, the other way round
    [InlineData("America/St_Johns")]
    public async Task What_fires_is_what_the_clock_shows(string id)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
        var changes = ZoneReading.Rules(zone).Changes.Where(c => c.At.Year == 2026).ToList();
        changes.Count.ShouldBe(2);
        foreach (var change in changes)
        {
            var begin = new DateTimeOffset(change.At).AddDays(-1);
            var bench = new SchedulingBench(begin.ToString("O"));
            WorkflowDefinition Flow() => Workflow("nightly", Schedule("hourly", "0 * * * *", id), Schedule("often", "*/20 * * * *", id), Schedule("two", "30 2 * * *", id),
                Schedule("both", "30 2 * * *", id) with { Dst = new(GapRule.Skip, OverlapPass.Both) });
            await bench.Apply(Flow());
            var end = begin.AddDays(2);
            for (var (now, n) = (begin, 0); now < end; n++)
            {
                now = now.AddMinutes(37);
                await bench.PassTo((now < end ? now : end).ToString("O"));
                if (n % 9 != 5) continue;
                bench.Restart();
                await bench.Apply(Flow());
            }

            var minutes = Enumerable.Range(1, 2 * 24 * 60).Select(m => begin.AddMinutes(m)).Select(at => (At: at, Local: TimeZoneInfo.ConvertTime(at, zone).DateTime)).ToList();
            Due(bench, "hourly").ShouldBe(minutes.Where(m => m.Local.Minute == 0).Select(m => m.At), $"{id} {change.At}");
            Due(bench, "often").ShouldBe(minutes.Where(m => m.Local.Minute % 20 == 0).Select(m => m.At), $"{id} {change.At}");
            Due(bench, "both").ShouldBe(minutes.Where(m => m.Local.TimeOfDay == new TimeSpan(2, 30, 0)).Select(m => m.At), $"{id} {change.At}");
            Due(bench, "two").Select(at => TimeZoneInfo.ConvertTime(at, zone).Date).ShouldBeUnique();
            var days = minutes.Select(m => m.Local.Date).Distinct().Count(day => minutes.Any(m => m.Local.Date == day && m.Local.TimeOfDay < new TimeSpan(2, 30, 0)) && minutes.Any(m => m.Local.Date == day && m.Local.TimeOfDay > new TimeSpan(3, 30, 0)));
            Due(bench, "two").Count.ShouldBeGreaterThanOrEqualTo(days);
            foreach (var schedule in (string[])["hourly", "often", "two", "both"]) Audit(bench, schedule, ZoneReading.Rules(zone), end);
        }
    }

    private static List<DateTimeOffset> Due(SchedulingBench bench, string schedule) => [.. bench.Runs.Where(r => r.Schedule.Id == schedule).Select(r => r.DueAt)];

    private static void Audit(SchedulingBench bench, string schedule, ZoneRules zone, DateTimeOffset end)
    {
        var audit = new LedgerAudit((terms, key) => ScheduleTimes.TryCreate(terms, zone, key, out var times, out _) ? times : null);
        foreach (var e in bench.Journal.Events.Where(e => e.Stream == StreamId.Schedule("nightly", schedule))) audit.Take(e);
        audit.Finish(end);
        audit.Differences.ShouldBeEmpty();
    }
}
