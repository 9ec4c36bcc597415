using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class CronClockChangeTests
{
    [Fact]
    public void A_time_in_a_gap_fires_when_the_gap_ends_and_once() =>
        Due.Local("0 30 3 * * ?", "Europe/Helsinki", "2026-03-28T00:00:00Z", 3).ShouldBe(
            ["2026-03-28T03:30:00+02:00", "2026-03-29T04:00:00+03:00", "2026-03-30T03:30:00+03:00"]);

    [Fact]
    public void Several_times_in_one_gap_fire_once_together_with_one_at_its_end() =>
        Due.Local("*/20 3,4 * * *", "Europe/Helsinki", "2026-03-29T00:00:00Z", 4).ShouldBe(
            ["2026-03-29T04:00:00+03:00", "2026-03-29T04:20:00+03:00", "2026-03-29T04:40:00+03:00", "2026-03-30T03:00:00+03:00"]);

    [Fact]
    public void A_rule_for_every_hour_is_not_moved_out_of_a_gap() =>
        Due.Local("0 0/30 * * * ?", "Europe/Helsinki", "2026-03-29T00:15:00Z", 3).ShouldBe(
            ["2026-03-29T02:30:00+02:00", "2026-03-29T04:00:00+03:00", "2026-03-29T04:30:00+03:00"]);

    [Fact]
    public void A_repeated_time_fires_the_first_time_only() =>
        Due.Local("0 30 3 * * ?", "Europe/Helsinki", "2026-10-24T12:00:00Z", 2).ShouldBe(
            ["2026-10-25T03:30:00+03:00", "2026-10-26T03:30:00+02:00"]);

    [Fact]
    public void The_hour_after_a_repeated_one_fires_at_its_only_time() =>
        Due.Local("0 3,5 * * *", "Europe/Helsinki", "2026-10-24T12:00:00Z", 3).ShouldBe(
            ["2026-10-25T03:00:00+03:00", "2026-10-25T05:00:00+02:00", "2026-10-26T03:00:00+02:00"]);

    [Theory]
    [InlineData("30 1-5 * * *", "02:30+03 03:30+03 03:30+02 04:30+02 05:30+02 01:30+02")]
    [InlineData("30 3,4 * * *", "03:30+03 03:30+02 04:30+02 03:30+02")]
    [InlineData("*/20 3 * * *", "03:00+03 03:20+03 03:40+03 03:00+02 03:20+02 03:40+02 03:00+02")]
    [InlineData("0 30 2-4 * * ?", "02:30+03 03:30+03 03:30+02 04:30+02 02:30+02")]
    public void A_rule_that_fires_hourly_within_the_hours_it_names_runs_through_both_passes(string rule, string times) =>
        Due.Rule(rule).After(Due.At("2026-10-24T23:00:00Z"), Due.Zone("Europe/Helsinki")).Take(times.Split(' ').Length)
            .Select(i => TimeZoneInfo.ConvertTime(i, Due.Machine("Europe/Helsinki")).ToString("HH:mmzz")).ShouldBe(times.Split(' '));

    [Fact]
    public void A_rule_that_fires_every_minute_of_some_hours_is_not_silent_in_the_repeated_one()
    {
        var day = Due.Rule("* 1-5 * * *").After(Due.At("2026-10-24T12:00:00Z"), Due.Zone("Europe/Helsinki")).TakeWhile(i => i < Due.At("2026-10-25T12:00:00Z")).ToArray();
        day.Length.ShouldBe(6 * 60);
        day.Zip(day.Skip(1)).ShouldAllBe(p => p.Second - p.First == TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(GapRule.Shift, OverlapPass.First, "2026-03-29T04:00+03 2026-10-25T03:30+03")]
    [InlineData(GapRule.Shift, OverlapPass.Last, "2026-03-29T04:00+03 2026-10-25T03:30+02")]
    [InlineData(GapRule.Skip, OverlapPass.Both, "2026-10-25T03:30+03 2026-10-25T03:30+02")]
    [InlineData(GapRule.Skip, OverlapPass.Last, "2026-10-25T03:30+02")]
    public void What_a_gap_and_an_overlap_mean_can_be_said(GapRule gap, OverlapPass overlap, string times)
    {
        var changes = new HashSet<DateOnly> { new(2026, 3, 29), new(2026, 10, 25) };
        Due.Rule("30 3 * * *").After(Due.At("2026-01-01T00:00:00Z"), Due.Zone("Europe/Helsinki"), new(gap, overlap)).TakeWhile(i => i.Year == 2026)
            .Select(i => TimeZoneInfo.ConvertTime(i, Due.Machine("Europe/Helsinki"))).Where(i => changes.Contains(DateOnly.FromDateTime(i.DateTime)))
            .Select(i => i.ToString("yyyy-MM-dd'T'HH:mmzz")).ShouldBe(times.Split(' '));
    }

    [Theory]
    [InlineData("2026-10-25T00:45:00Z")]
    [InlineData("2026-10-25T01:00:00Z")]
    [InlineData("2026-10-25T01:15:00Z")]
    public void A_question_asked_during_the_second_pass_does_not_repeat_the_first(string after) =>
        Due.Local("0 30 3 * * ?", "Europe/Helsinki", after, 1).ShouldBe(["2026-10-26T03:30:00+02:00"]);

    [Fact]
    public void A_rule_for_every_hour_runs_through_both_passes() =>
        Due.Local("0 0/30 * * * ?", "Europe/Helsinki", "2026-10-24T23:45:00Z", 5).ShouldBe(
            ["2026-10-25T03:00:00+03:00", "2026-10-25T03:30:00+03:00", "2026-10-25T03:00:00+02:00", "2026-10-25T03:30:00+02:00", "2026-10-25T04:00:00+02:00"]);

    [Fact]
    public void New_York_gains_no_firing_at_the_gap() =>
        Due.Utc("30 * * * * ?", "America/New_York", "2026-03-08T06:58:30Z", 3).ShouldBe(
            ["2026-03-08T06:59:30Z", "2026-03-08T07:00:30Z", "2026-03-08T07:01:30Z"]);

    [Fact]
    public void Casablanca_moves_on_when_summer_time_returns_after_ramadan() =>
        Due.Local("30 2 * * *", "Africa/Casablanca", "2026-03-20T12:00:00Z", 4).ShouldBe(
            ["2026-03-21T02:30:00+00:00", "2026-03-22T03:00:00+01:00", "2026-03-23T02:30:00+01:00", "2026-03-24T02:30:00+01:00"]);

    [Fact]
    public void Casablanca_fires_once_when_it_turns_back_for_ramadan() =>
        Due.Local("30 2 * * *", "Africa/Casablanca", "2026-02-14T00:00:00Z", 3).ShouldBe(
            ["2026-02-14T02:30:00+01:00", "2026-02-15T02:30:00+01:00", "2026-02-16T02:30:00+00:00"]);

    [Fact]
    public void Apia_left_out_a_whole_day_whose_times_fire_when_the_next_begins() =>
        Due.Local("0 9,17 * * *", "Pacific/Apia", "2011-12-29T12:00:00-10:00", 4).ShouldBe(
            ["2011-12-29T17:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00", "2011-12-31T17:00:00+14:00"]);

    [Fact]
    public void Lord_Howe_changes_by_half_an_hour()
    {
        Due.Local("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2).ShouldBe(
            ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"]);
        Due.Local("45 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 3).ShouldBe(
            ["2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30", "2026-04-05T02:45:00+10:30"]);
    }

    [Fact]
    public void Midnight_that_does_not_exist_fires_at_one() =>
        Due.Local("0 0 * * *", "America/Asuncion", "2023-09-30T12:00:00Z", 2).ShouldBe(
            ["2023-10-01T01:00:00-03:00", "2023-10-02T00:00:00-03:00"]);

    [Fact]
    public void A_yearly_rule_for_every_hour_of_a_day_finds_its_far_day() =>
        Due.Local("0 */1 1 1 *", "Europe/Helsinki", "2026-02-01T00:00:00Z", 2).ShouldBe(
            ["2027-01-01T00:00:00+02:00", "2027-01-01T01:00:00+02:00"]);
}
