using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class ClockChangeTests
{
    [Theory]
    [InlineData("Europe/Helsinki", "2026-03-28", 0)]
    [InlineData("Europe/Helsinki", "2026-03-29", 60)]
    [InlineData("Europe/Helsinki", "2026-03-30", 0)]
    [InlineData("Europe/Helsinki", "2026-10-25", -60)]
    [InlineData("Australia/Lord_Howe", "2026-04-05", -30)]
    [InlineData("Australia/Lord_Howe", "2026-10-04", 30)]
    [InlineData("Africa/Cairo", "2026-04-24", 60)]      // at midnight: the day begins at 01:00
    [InlineData("Africa/Cairo", "2026-10-29", -60)]     // at midnight: its last hour is shown twice
    [InlineData("Pacific/Apia", "2011-12-31", 1440)]    // 30 December was left out
    [InlineData("Asia/Tokyo", "2026-03-29", 0)]
    [InlineData("UTC", "2026-03-29", 0)]
    public void A_day_has_the_change_of_its_clocks(string zone, string day, int minutes)
    {
        ScheduleZone.TryFind(zone, out var known, out _).ShouldBeTrue();
        ClockChanges.On(ZoneReading.Rules(known, ""), DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(TimeSpan.FromMinutes(minutes));
    }

    [Fact]
    public void All_changes_of_a_zone_are_on_some_day()
    {
        ScheduleZone.TryFind("America/New_York", out var known, out _).ShouldBeTrue();
        var zone = ZoneReading.Rules(known, "");
        foreach (var change in zone.Changes.Where(c => c.At.Year is >= 2020 and <= 2035))
        {
            var days = Enumerable.Range(-1, 3).Select(d => ClockChanges.On(zone, new DateTimeOffset(change.At, TimeSpan.Zero).AddDays(d)));
            days.Where(by => by != TimeSpan.Zero).ShouldHaveSingleItem().ShouldBe(change.Offset - zone.OffsetAt(new DateTimeOffset(change.At.AddTicks(-1), TimeSpan.Zero)));
        }
    }
}
