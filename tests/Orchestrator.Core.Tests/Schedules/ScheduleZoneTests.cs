using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class ScheduleZoneTests
{
    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Helsinki")]
    [InlineData("America/Argentina/Ushuaia")]
    public void A_known_zone_is_found(string id)
    {
        ScheduleZone.TryFind(id, out var zone, out var error).ShouldBeTrue(error);
        zone!.Id.ShouldBe(id);
    }

    [Theory]
    [InlineData("Europe/Helsinky", "Europe/Helsinki")]
    [InlineData("helsinki", "Europe/Helsinki")]
    [InlineData("America/New York", "America/New_York")]
    [InlineData("Asia/Sydney", "Australia/Sydney")]
    public void An_unknown_zone_comes_with_suggestions(string id, string meant)
    {
        ScheduleZone.TryFind(id, out _, out var error).ShouldBeFalse();
        error!.ShouldContain(meant);
        error!.ShouldContain($"'{id}'");
    }

    [Theory]
    [InlineData("EST", "America/New_York or America/Panama")]
    [InlineData("cst", "America/Chicago, America/Costa_Rica or Asia/Shanghai")]
    [InlineData("IST", "Europe/Dublin")]
    [InlineData("CET", "Europe/Berlin")]
    [InlineData("MSK", "not a time zone: write Europe/Moscow.")]
    public void An_abbreviation_is_refused_with_the_zones_it_may_mean(string id, string words)
    {
        ScheduleZone.TryFind(id, out _, out var error).ShouldBeFalse();
        error!.ShouldContain(words);
    }

    [Theory]
    [InlineData("EST")]
    [InlineData("HST")]
    [InlineData("WET")]
    [InlineData("PST")]
    public void The_zones_that_stand_for_an_abbreviation_exist(string id)
    {
        ScheduleZone.TryFind(id, out _, out var error).ShouldBeFalse();
        foreach (var word in error!.Split(' ').Where(w => w.Contains('/', StringComparison.Ordinal)))
            ScheduleZone.TryFind(word.TrimEnd('.', ','), out _, out var wrong).ShouldBeTrue(wrong);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("Middle/Earth")]
    [InlineData("/etc/localtime")]
    public void Nonsense_is_refused(string id) => ScheduleZone.TryFind(id, out _, out _).ShouldBeFalse();
}
