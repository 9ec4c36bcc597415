using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class CronOccurrenceTests
{
    // 2026-01-01 is a Thursday.
    [Theory]
    [InlineData("*/15 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z")]
    [InlineData("0 2 * * *", "2026-01-01T01:59:59.9999999Z", "2026-01-01T02:00:00Z", "2026-01-02T02:00:00Z")]
    [InlineData("0 0 * * 0", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z")]
    [InlineData("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z")]
    [InlineData("0 0 * * SAT-SUN", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z")]
    [InlineData("0 9 * JAN MON", "2026-01-20T00:00:00Z", "2026-01-26T09:00:00Z", "2027-01-04T09:00:00Z")]
    [InlineData("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z")]
    [InlineData("0 0 29 2 *", "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z")]
    [InlineData("0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z")]
    [InlineData("@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z")]
    [InlineData("@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z")]
    [InlineData("30 5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:30Z", "2026-01-01T01:05:30Z")]
    [InlineData("0 0 9 ? * 2", "2026-01-01T00:00:00Z", "2026-01-05T09:00:00Z", "2026-01-12T09:00:00Z")]
    [InlineData("0 0 22-2/2 * * ?", "2026-01-01T20:00:00Z", "2026-01-01T22:00:00Z", "2026-01-02T00:00:00Z")]
    [InlineData("0 0 0 L * ?", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData("0 0 0 L-3 * ?", "2026-02-01T00:00:00Z", "2026-02-25T00:00:00Z", "2026-03-28T00:00:00Z")]
    [InlineData("0 0 0 LW * ?", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z")]
    [InlineData("0 0 0 LW-2 * ?", "2026-03-01T00:00:00Z", "2026-03-29T00:00:00Z", "2026-04-28T00:00:00Z")]
    [InlineData("0 0 0 1W * ?", "2026-01-31T00:00:00Z", "2026-02-02T00:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData("0 0 0 1W 8 ?", "2026-01-31T00:00:00Z", "2026-08-03T00:00:00Z", "2027-08-02T00:00:00Z")]
    [InlineData("0 0 0 31W * ?", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData("0 0 0 ? * 6#3", "2026-01-01T00:00:00Z", "2026-01-16T00:00:00Z", "2026-02-20T00:00:00Z")]
    [InlineData("0 0 0 ? * 2#5", "2026-01-01T00:00:00Z", "2026-03-30T00:00:00Z", "2026-06-29T00:00:00Z")]
    [InlineData("0 0 0 ? * FRIL", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z")]
    [InlineData("0 0 0 ? * L", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-10T00:00:00Z")]
    [InlineData("0 0 0 1 1 ? 2027,2150", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2150-01-01T00:00:00Z")]
    public void The_next_two_occurrences_follow_the_calendar(string rule, string after, string first, string second) =>
        Due.Utc(rule, "UTC", after, 2).ShouldBe([first, second]);

    [Theory]
    [InlineData("0 0 13 * 5", "2026-01-02 2026-01-09 2026-01-13 2026-01-16 2026-01-23 2026-01-30 2026-02-06 2026-02-13")]
    [InlineData("0 0 */10 * 1", "2026-01-05 2026-01-11 2026-01-12 2026-01-19 2026-01-21 2026-01-26 2026-01-31 2026-02-01")]
    [InlineData("0 0 1 * */3", "2026-01-03 2026-01-04 2026-01-07 2026-01-10 2026-01-11 2026-01-14 2026-01-17 2026-01-18")]
    [InlineData("0 0 0 13 * FRI", "2026-01-02 2026-01-09 2026-01-13 2026-01-16 2026-01-23 2026-01-30 2026-02-06 2026-02-13")]
    public void A_restricted_date_and_a_restricted_weekday_mean_either(string rule, string days) =>
        Due.Utc(rule, "UTC", "2026-01-01T00:00:00Z", 8).ShouldBe([.. days.Split(' ').Select(d => d + "T00:00:00Z")]);

    [Theory]
    [InlineData("0 0 0 1 1 ? 2025")]
    [InlineData("* * * * * ? 2025")]
    public void A_rule_without_a_further_occurrence_ends(string rule) =>
        Due.Rule(rule).Next(Due.At("2026-01-01T00:00:00Z"), Due.Zone("Europe/Helsinki")).ShouldBeNull();

    [Fact]
    public void An_instant_with_an_offset_is_the_same_instant() =>
        Due.Rule("0 2 * * *").Next(Due.At("2026-01-01T03:30:00+02:00"), ZoneRules.Utc).ShouldBe(Due.At("2026-01-01T02:00:00Z"));

    [Fact]
    public void The_ends_of_time_are_survived()
    {
        Due.Rule("* * * * *").Next(DateTimeOffset.MaxValue, ZoneRules.Utc).ShouldBeNull();
        Due.Rule("* * * * *").Next(DateTimeOffset.MinValue, Due.Zone("Pacific/Apia")).ShouldNotBeNull();
    }
}
