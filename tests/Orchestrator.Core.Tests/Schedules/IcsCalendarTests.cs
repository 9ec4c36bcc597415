using Orchestrator.Core.Schedules.Calendars;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class IcsCalendarTests
{
    [Theory]
    [InlineData("DTSTART;VALUE=DATE:20261224", "2026-12-24")]
    [InlineData("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227", "2026-12-24 2026-12-25 2026-12-26")]
    [InlineData("DTSTART;TZID=\"Europe: odd\":20261224T180000\nDTEND:20261225T010000", "2026-12-24 2026-12-25")]
    [InlineData("DTSTART:20261224T000000Z\nDURATION:P2D", "2026-12-24 2026-12-25")]
    [InlineData("DTSTART;VALUE=DATE:20261220\nDURATION:P1W", "2026-12-20 2026-12-21 2026-12-22 2026-12-23 2026-12-24 2026-12-25 2026-12-26")]
    [InlineData("DTSTART;VALUE=DATE:20251224\nRRULE:FREQ=YEARLY;COUNT=2", "2025-12-24 2026-12-24")]
    [InlineData("DTSTART;VALUE=DATE:20260101\nRDATE;VALUE=DATE:20260106,20260501\nEXDATE;VALUE=DATE:20260101", "2026-01-06 2026-05-01")]
    [InlineData("SUMMARY:Long\n  text: with a colon\nDTSTART;VALUE=DA\n TE:20261224", "2026-12-24")]
    [InlineData("DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED", "")]
    [InlineData("DTSTART;VALUE=DATE:20261224\nBEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:P9D\nEND:VALARM", "2026-12-24")]
    public void The_days_of_an_event_are_those_it_touches(string lines, string days)
    {
        IcsCalendar.TryRead($"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n".Replace("\n", "\r\n"), out var calendar, out var error).ShouldBeTrue(error);
        Enumerable.Range(0, 4000).Select(i => new DateOnly(2020, 1, 1).AddDays(i)).Where(calendar!.Contains).Select(d => d.ToString("yyyy-MM-dd"))
            .ShouldBe(days.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("hello", "The file is not an iCalendar file: it has no BEGIN:VCALENDAR.")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT", "line 3: an event has no DTSTART.")]
    [InlineData("<html><body>Not found</body></html>", "The file is not an iCalendar file: it has no BEGIN:VCALENDAR.")]
    [InlineData("", "The file is not an iCalendar file: it has no BEGIN:VCALENDAR.")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224\nEND:VEVENT\n", "The file ends early: it has no END:VCALENDAR.")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224", "The file ends early: it has no END:VEVENT.")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224\nEND:VCALENDAR", "line 4: END:VCALENDAR ends nothing that began.")]
    [InlineData("BEGIN:VCALENDAR\nX-A:1\n 2\n\nBEGIN:VEVENT\nDTSTART:20261224\nRRULE:FREQ=SOMETIMES\nEND:VEVENT", "line 8: rrule FREQ 'SOMETIMES' is not a frequency: use SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY.")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224\nDTEND:20991231\nEND:VEVENT", "line 5: an event lasts 26670 days: at most 3660 are allowed.")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:tomorrow", "line 3: DTSTART 'tomorrow' is not a date or time such as 20261224 or 20261224T180000.")]
    public void A_wrong_file_is_refused_with_the_line(string text, string expected)
    {
        IcsCalendar.TryRead(text, out _, out var error).ShouldBeFalse();
        error.ShouldBe(expected);
    }
}
