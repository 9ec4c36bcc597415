using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class ScheduleTimesTests
{
    private const string Helsinki = "Europe/Helsinki";

    [Fact]
    public void A_period_counts_from_its_start_and_does_not_ask_the_clocks() =>
        Due.Local(new() { Every = TimeSpan.FromHours(12), Start = "2026-03-28T06:00", Timezone = Helsinki }, "2026-01-01T00:00:00Z", 4)
            .ShouldBe(["2026-03-28T06:00", "2026-03-28T18:00", "2026-03-29T07:00", "2026-03-29T19:00"]);

    [Fact]
    public void A_period_without_a_start_is_the_same_for_everybody() =>
        Due.Local(new() { Every = TimeSpan.FromMinutes(15) }, "2026-01-01T00:07:00Z", 3).ShouldBe(["2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"]);

    [Fact]
    public void Single_times_are_local_unless_they_say_otherwise() =>
        Due.Local(new() { At = ["2026-12-24T18:00", "2026-12-24T15:00:00Z", "2026-12-24 09:00", "2026-12-24T11:00+02:00"], Timezone = Helsinki }, "2026-01-01T00:00:00Z", 9)
            .ShouldBe(["2026-12-24T09:00", "2026-12-24T11:00", "2026-12-24T17:00", "2026-12-24T18:00"]);

    [Fact]
    public void A_single_time_that_the_clocks_leave_out_or_repeat_follows_what_is_said()
    {
        ScheduleTerms terms = new() { At = ["2026-03-29T03:30", "2026-10-25T03:30"], Timezone = Helsinki };
        Due.Times(terms).After(Due.At("2026-01-01T00:00:00Z")).ShouldBe([Due.At("2026-03-29T01:00:00Z"), Due.At("2026-10-25T00:30:00Z")]);
        Due.Times(terms with { Dst = new(GapRule.Skip, OverlapPass.Both) }).After(Due.At("2026-01-01T00:00:00Z"))
            .ShouldBe([Due.At("2026-10-25T00:30:00Z"), Due.At("2026-10-25T01:30:00Z")]);
    }

    [Fact]
    public void A_recurrence_keeps_its_local_time_when_the_clocks_are_set() =>
        Due.Times(new() { Rrule = "FREQ=WEEKLY;BYDAY=SU", Start = "2026-03-22T09:00", Timezone = Helsinki }).After(Due.At("2026-01-01T00:00:00Z")).Take(2)
            .ShouldBe([Due.At("2026-03-22T07:00:00Z"), Due.At("2026-03-29T06:00:00Z")]);

    [Fact]
    public void A_recurrence_by_the_hour_runs_through_both_passes() =>
        Due.Times(new() { Rrule = "FREQ=HOURLY", Start = "2026-10-25T02:30", Timezone = Helsinki }).After(Due.At("2026-01-01T00:00:00Z")).Take(4)
            .ShouldBe([Due.At("2026-10-24T23:30:00Z"), Due.At("2026-10-25T00:30:00Z"), Due.At("2026-10-25T01:30:00Z"), Due.At("2026-10-25T02:30:00Z")]);

    [Fact]
    public void An_end_as_an_instant_is_compared_as_one() =>
        Due.Local(new() { Rrule = "FREQ=DAILY;UNTIL=20260103T070000Z", Start = "2026-01-01T09:00", Timezone = Helsinki }, "2026-01-01T00:00:00Z", 9)
            .ShouldBe(["2026-01-01T09:00", "2026-01-02T09:00", "2026-01-03T09:00"]);

    [Fact]
    public void Nothing_is_due_before_the_start_or_after_the_end() =>
        Due.Local(new() { Cron = "0 9 * * *", Start = "2026-02-01T09:00", End = "2026-02-03T09:00", Timezone = Helsinki }, "2026-01-01T00:00:00Z", 9)
            .ShouldBe(["2026-02-01T09:00", "2026-02-02T09:00", "2026-02-03T09:00"]);

    [Fact]
    public void Excluded_days_have_no_due_times()
    {
        DayCalendar weekend = new() { Weekdays = [DayOfWeek.Saturday, DayOfWeek.Sunday] };
        DayCalendar holidays = new() { Dates = [new(2026, 12, 28)], Yearly = [new(12, 24), new(12, 25)], Ranges = [new(new(2026, 12, 30), new(2026, 12, 31))] };
        Due.Local(new() { Cron = "0 2 * * *", Timezone = Helsinki, Exclude = [weekend, holidays] }, "2026-12-22T12:00:00Z", 3)
            .ShouldBe(["2026-12-23T02:00", "2026-12-29T02:00", "2027-01-01T02:00"]);
    }

    [Fact]
    public void The_day_is_that_of_the_schedules_zone() =>
        Due.Local(new() { Cron = "30 1 * * *", Timezone = Helsinki, Only = [new() { Weekdays = [DayOfWeek.Monday] }] }, "2026-01-01T00:00:00Z", 2)
            .ShouldBe(["2026-01-05T01:30", "2026-01-12T01:30"]);

    [Fact]
    public void A_rule_whose_days_are_all_excluded_ends() =>
        Due.Times(new() { Cron = "* * * * SAT", Exclude = [new() { Weekdays = [DayOfWeek.Saturday] }] }).Next(Due.At("2026-01-01T00:00:00Z")).ShouldBeNull();

    [Fact]
    public void Jitter_is_bounded_spread_and_always_the_same()
    {
        var times = Due.Times(new() { Cron = "0 * * * *", Jitter = TimeSpan.FromMinutes(10) });
        var dues = times.After(Due.At("2026-01-01T00:00:00Z")).Take(200).ToArray();
        dues.ShouldAllBe(d => times.DelayOf(d) >= TimeSpan.Zero && times.DelayOf(d) <= TimeSpan.FromMinutes(10));
        dues.Select(times.DelayOf).Distinct().Count().ShouldBeGreaterThan(190);
        dues.Select(Due.Times(new() { Cron = "0 * * * *", Jitter = TimeSpan.FromMinutes(10) }).DelayOf).ShouldBe(dues.Select(times.DelayOf));
    }

    [Fact]
    public void A_rule_for_the_start_has_no_times_of_its_own()
    {
        var times = Due.Times(new() { Cron = "@reboot" });
        times.IsAtStart.ShouldBeTrue();
        times.Next(Due.At("2026-01-01T00:00:00Z")).ShouldBeNull();
    }

    [Theory]
    [InlineData("{}", "A schedule needs one of cron, every, at, rrule.")]
    [InlineData("""{"rrule":"FREQ=DAILY"}""", "rrule needs `start`: the first time that its periods are counted from.")]
    [InlineData("""{"cron":"@daily","start":"tomorrow"}""", "start 'tomorrow' is not a time: write 2026-12-24, 2026-12-24T18:00 (in the schedule's time zone) or 2026-12-24T18:00:00Z.")]
    [InlineData("""{"cron":"@daily","start":"2026-02-01","end":"2026-01-01"}""", "end '2026-01-01' is before start '2026-02-01'.")]
    [InlineData("""{"at":["2026-02-30"]}""", "at '2026-02-30' is not a time: write 2026-12-24, 2026-12-24T18:00 (in the schedule's time zone) or 2026-12-24T18:00:00Z.")]
    public void Terms_that_mean_nothing_are_refused_in_plain_words(string text, string expected)
    {
        ScheduleTerms.TryParse(text, out var terms).ShouldBeTrue();
        ScheduleTimes.TryCreate(terms!, ZoneRules.Utc, "w/s", out _, out var error).ShouldBeFalse();
        error.ShouldBe(expected);
    }

    [Fact]
    public void Terms_are_read_as_they_were_written()
    {
        ScheduleTerms terms = new()
        {
            Cron = "0 2 * * *", Every = TimeSpan.FromMinutes(5), At = ["2026-01-01"], Rrule = "FREQ=DAILY", Timezone = Helsinki, Dst = new(GapRule.Skip, OverlapPass.Both), Start = "2026-01-01", End = "2027-01-01",
            Jitter = TimeSpan.FromSeconds(30), Only = [new() { Weekdays = [DayOfWeek.Monday] }],
            Exclude = [new() { Dates = [new(2026, 1, 6)], Yearly = [new(2, 29)], Ranges = [new(new(2026, 7, 1), new(2026, 7, 31))], Ics = "holidays.ics" }],
        };
        ScheduleTerms.TryParse(terms.ToText(), out var read).ShouldBeTrue();
        read!.ToText().ShouldBe(terms.ToText());
        terms.ToText().ShouldBe("""{"cron":"0 2 * * *","every":"5m","at":["2026-01-01"],"rrule":"FREQ=DAILY","timezone":"Europe/Helsinki","gap":"skip","overlap":"both","start":"2026-01-01","end":"2027-01-01","jitter":"30s","exclude":[{"dates":["2026-01-06"],"yearly":["02-29"],"ranges":["2026-07-01..2026-07-31"],"ics":"holidays.ics"}],"only":[{"weekdays":["mon"]}]}""");
        ScheduleTerms.TryParse("[1]", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"cron":"0 2 * * *","timezone":"Europe/Helsinki"}""")]
    [InlineData("""{"cron":"* * * * * ?","timezone":"America/New_York"}""")]
    [InlineData("""{"cron":"0 0 29 2 *","timezone":"Europe/Helsinki"}""")]
    [InlineData("""{"cron":"0 0 0 LW * ?","timezone":"Africa/Casablanca"}""")]
    [InlineData("""{"cron":"0 0 9 ? * 6#5"}""")]
    [InlineData("""{"cron":"0 2 * * *","exclude":[{"weekdays":["sat","sun"],"yearly":["12-24","12-25"]}],"jitter":"5m"}""")]
    [InlineData("""{"every":"1s"}""")]
    [InlineData("""{"rrule":"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13","start":"2026-01-01T09:00","timezone":"Europe/Helsinki"}""")]
    [InlineData("""{"rrule":"FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO","start":"2026-01-01T09:00"}""")]
    [InlineData("""{"rrule":"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1","start":"2026-01-01T09:00"}""")]
    [InlineData("""{"rrule":"FREQ=SECONDLY;BYMONTH=1;BYDAY=MO;BYHOUR=3;BYMINUTE=7","start":"2026-01-01T09:00"}""")]
    public void The_next_thousand_due_times_of_any_rule_come_one_after_the_other(string text)
    {
        ScheduleTerms.TryParse(text, out var terms).ShouldBeTrue();
        var due = Due.Times(terms!).After(Due.At("2026-01-01T00:00:00Z")).Take(1000).ToList();
        due.Count.ShouldBeGreaterThan(30, "up to the end of the zones' data");
        due.Zip(due.Skip(1)).ShouldAllBe(pair => pair.First < pair.Second);
    }
}
