using Orchestrator.Core.Schedules.Deadlines;
using Orchestrator.Core.Schedules.Rules;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class DeadlineRuleTests
{
    private static DeadlineRule Rule(string text) => DeadlineRule.TryParse(text, out var rule) ? rule : throw new FormatException(text);

    [Theory]
    [InlineData("30m", "UTC", "2026-01-01T02:00:00Z", "2026-01-01T02:30:00Z")]
    [InlineData("1d", "UTC", "2026-01-01T02:00:00Z", "2026-01-02T02:00:00Z")]
    [InlineData("06:00", "UTC", "2026-01-01T02:00:00Z", "2026-01-01T06:00:00Z")]
    [InlineData("06:00", "UTC", "2026-01-01T06:00:00Z", "2026-01-02T06:00:00Z")]
    [InlineData("06:00", "UTC", "2026-01-01T23:00:00Z", "2026-01-02T06:00:00Z")]
    [InlineData("06:00", "Europe/Helsinki", "2026-01-01T23:00:00Z", "2026-01-02T04:00:00Z")]
    [InlineData("03:30", "Europe/Helsinki", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z")]   // left out: the end of the gap
    [InlineData("03:30", "Europe/Helsinki", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z")]   // repeated: the first pass
    [InlineData("06:00:30", "UTC", "2026-01-01T02:00:00Z", "2026-01-01T06:00:30Z")]
    public void A_deadline_is_a_time_after_or_the_first_time_of_day_after(string rule, string zone, string due, string deadline) =>
        Rule(rule).Of(Due.At(due), Due.Zone(zone)).ShouldBe(Due.At(deadline));

    [Theory]
    [InlineData("30m", "2026-01-01T02:29:59Z", null)]
    [InlineData("30m", "2026-01-01T02:30:00Z", "2026-01-01T02:00:00Z")]
    [InlineData("30m", "2026-01-05T00:00:00Z", "2026-01-04T02:00:00Z")]
    [InlineData("06:00", "2026-01-01T05:59:59Z", null)]
    [InlineData("06:00", "2026-01-01T06:00:00Z", "2026-01-01T02:00:00Z")]
    [InlineData("01:00", "2026-01-02T00:59:00Z", null)]
    [InlineData("01:00", "2026-01-02T01:00:00Z", "2026-01-01T02:00:00Z")]
    public void The_latest_due_time_whose_deadline_has_passed_is_found(string rule, string now, string? due)
    {
        var times = Due.Times(new ScheduleTerms { Cron = "0 2 * * *" });
        Rule(rule).LatestPassed(times, Due.Zone("UTC"), Due.At(now), Due.At("2026-01-01T00:00:00Z")).ShouldBe(due is null ? null : Due.At(due));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("0s")]
    [InlineData("-5m")]
    [InlineData("367d")]
    [InlineData("25:00")]
    [InlineData("6:00")]
    public void What_is_neither_is_refused(string text) => DeadlineRule.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("30m")]
    [InlineData("06:00")]
    [InlineData("06:00:30")]
    public void It_is_written_as_it_was_read(string text) => Rule(text).ToString().ShouldBe(text);
}
