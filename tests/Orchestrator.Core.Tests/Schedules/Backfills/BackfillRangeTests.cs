using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Rules;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Backfills;

public sealed class BackfillRangeTests
{
    private static readonly DateTimeOffset Now = Due.At("2026-06-15T12:00:00Z");

    [Theory]
    [InlineData("2026-01-01", "2026-01-02", "2026-01-01T02:00:00Z 2026-01-02T02:00:00Z")]   // a date is its whole day
    [InlineData("2026-01-01T02:00", "2026-01-02T02:00", "2026-01-01T02:00:00Z 2026-01-02T02:00:00Z")]   // both ends belong to it
    [InlineData("2026-01-01T02:00:01Z", "2026-01-02T01:59:59Z", null)]
    [InlineData("2026-06-14", "2026-06-30", "2026-06-14T02:00:00Z 2026-06-15T02:00:00Z")]   // what is not due yet is the schedule's own
    [InlineData("2026-06-15T04:00+02:00", "2026-06-15T04:00+02:00", "2026-06-15T02:00:00Z")]
    public void Due_times_of_a_range(string from, string to, string? expected)
    {
        var found = Items(new() { Cron = "0 2 * * *" }, from, to, out var error);
        found.ShouldBe(expected);
        if (expected is null) error.ShouldBe($"Nothing was due from {from} to {to}.");
    }

    [Theory]
    [InlineData("2026-03-28", "2026-03-30", "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z")]   // 03:30 is left out on the 29th: the end of the gap
    [InlineData("2025-10-26", "2025-10-26", "2025-10-26T00:30:00Z")]   // 03:30 comes twice: once
    public void Local_times_across_a_clock_change(string from, string to, string expected) =>
        Items(new() { Cron = "30 3 * * *", Timezone = "Europe/Helsinki" }, from, to, out _).ShouldBe(expected);

    [Fact]
    public void Calendars_and_ends_of_the_schedule_hold() =>
        Items(new() { Cron = "0 2 * * *", End = "2026-01-05", Exclude = [new DayCalendar { Dates = [new(2026, 1, 3)] }] }, "2026-01-02", "2026-01-08", out _)
            .ShouldBe("2026-01-02T02:00:00Z 2026-01-04T02:00:00Z");

    [Theory]
    [InlineData("yesterday", "2026-01-02", "from: 'yesterday' is not a time")]
    [InlineData("2026-01-02", "tomorrow", "to: 'tomorrow' is not a time")]
    [InlineData("2026-01-02", "2026-01-01", "The range ends before it begins")]
    [InlineData("2026-07-01", "2026-07-02", "Nothing was due: 2026-07-01 is in the future.")]
    [InlineData("0001-01-01", "9999-12-31", "The range has more than 10000 items.")]
    public void What_is_wrong_with_a_range_is_said(string from, string to, string words)
    {
        Items(new() { Cron = "0 0 * * *" }, from, to, out var error).ShouldBeNull();
        error.ShouldNotBeNull().ShouldStartWith(words);
    }

    [Fact]
    public void A_schedule_that_is_due_at_the_start_has_nothing_to_backfill()
    {
        Items(new() { Cron = "@reboot" }, "2026-01-01", "2026-01-02", out var error).ShouldBeNull();
        error.ShouldNotBeNull().ShouldContain("when the service starts");
    }

    [Theory]
    [InlineData("2026-02-27", "2026-03-01", 1, "2026-02-27 2026-02-28 2026-03-01")]
    [InlineData("2026-01-01", "2026-01-20", 7, "2026-01-01 2026-01-08 2026-01-15")]
    [InlineData("2026-01-01", "2026-01-01", 1, "2026-01-01")]
    public void Dates_of_a_range(string from, string to, int days, string expected)
    {
        BackfillRange.TryDates(from, to, TimeSpan.FromDays(days), out var items, out var error).ShouldBeTrue(error);
        string.Join(' ', items!.Keys).ShouldBe(expected);
    }

    [Theory]
    [InlineData("2026-02-30", "2026-03-01", 24, "from: '2026-02-30' is not a date")]
    [InlineData("2026-02-01", "1 March", 24, "to: '1 March' is not a date")]
    [InlineData("2026-02-01T00:00Z", "2026-03-01", 24, "from: '2026-02-01T00:00Z' is not a date")]
    [InlineData("2026-03-02", "2026-03-01", 24, "The range ends before it begins")]
    [InlineData("2026-03-01", "2026-03-01", 36, "step must be whole days")]
    [InlineData("2026-03-01", "2026-03-01", 0, "step must be whole days")]
    [InlineData("2026-03-01", "2026-03-01", -24, "step must be whole days")]
    [InlineData("1900-01-01", "2026-03-01", 24, "The range has more than 10000 items.")]
    public void What_is_wrong_with_dates_is_said(string from, string to, int hours, string words)
    {
        BackfillRange.TryDates(from, to, TimeSpan.FromHours(hours), out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldStartWith(words);
    }

    [Theory]
    [InlineData("2026-01-01T02:00:00Z", "2026-01-01T02:00:00Z")]
    [InlineData("2026-01-01T02:00:00.5Z", "2026-01-01T02:00:00.5Z")]
    [InlineData("2026-01-01", null)]
    public void A_key_is_a_due_time_or_a_date(string key, string? due) => BackfillRange.DueAt(key).ShouldBe(due is null ? null : Due.At(due));

    private static string? Items(ScheduleTerms terms, string from, string to, out string? error) =>
        BackfillRange.TryDueTimes(Due.Times(terms), Due.Zone(terms.Timezone), from, to, Now, out var items, out error) ? string.Join(' ', items.Keys) : null;
}
