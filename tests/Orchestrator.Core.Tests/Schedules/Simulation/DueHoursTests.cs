using Orchestrator.Core.Schedules.Simulation;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Simulation;

public sealed class DueHoursTests
{
    [Theory]
    [InlineData("*/5 8-18 * * MON-FRI", "Europe/Helsinki", "2026-10-22")]
    [InlineData("*/30 * * * * ?", "Europe/Helsinki", "2026-03-27")]
    [InlineData("15 0 * * *", "America/Santiago", "2026-09-04")]
    [InlineData("0 */3 * * *", "Australia/Lord_Howe", "2026-04-02")]
    public void Every_due_time_of_the_days_is_counted_once_in_the_hour_the_clocks_show(string cron, string zone, string from)
    {
        var (times, rules, first) = (Due.Times(new() { Cron = cron, Timezone = zone }), Due.Zone(zone), DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture));
        var hours = DueHours.Of(times, rules, first, 7, int.MaxValue, out var isCut);
        isCut.ShouldBeFalse();
        var all = times.After(Due.At(from).AddDays(-2)).TakeWhile(d => d < Due.At(from).AddDays(10))
            .Where(d => DateOnly.FromDateTime(rules.LocalAt(d)) is var day && day >= first && day < first.AddDays(7)).ToList();
        hours.Sum(h => h.Count).ShouldBe(all.Count);
        foreach (var hour in hours)
            all.Count(d => DateOnly.FromDateTime(rules.LocalAt(d)) == hour.Day && rules.LocalAt(d).Hour == hour.Hour).ShouldBe(hour.Count, $"{hour}");
        hours.ShouldAllBe(h => h.First <= h.Last);
    }

    [Fact]
    public void Counting_is_bounded_and_says_so()
    {
        DueHours.Of(Due.Times(new() { Cron = "* * * * * ?" }), Due.Zone("UTC"), new(2026, 1, 1), 7, 10_000, out var isCut).Sum(h => h.Count).ShouldBe(10_000);
        isCut.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Europe/Helsinki", "2026-03-29", "3")]
    [InlineData("Europe/Helsinki", "2026-10-25", "")]
    [InlineData("Australia/Lord_Howe", "2026-10-04", "")]
    [InlineData("Pacific/Apia", "2011-12-30", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23")]
    public void Hours_that_clocks_leave_out_are_known(string zone, string day, string hours) =>
        string.Join(' ', DueHours.LeftOut(Due.Zone(zone), DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture))).ShouldBe(hours);
}
