using System.Globalization;

namespace Orchestrator.Core.Schedules.Calendars;

/// <summary>The spelling of a calendar's days: <c>2026-12-24</c>, <c>12-24</c>, <c>2026-07-01..2026-07-31</c>, <c>sat</c>.</summary>
internal static class CalendarText
{
    private const string Day = "yyyy-MM-dd";
    private const string RangeMark = "..";
    private static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public static string WeekdayWords => string.Join(", ", Weekdays);

    public static bool TryDate(string text, out DateOnly day) => DateOnly.TryParseExact(text, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    public static bool TryYearly(string text, out YearlyDay day)
    {
        // 2024 has every day a year can have.
        var ok = DateOnly.TryParseExact("2024-" + text, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date);
        day = new(date.Month, date.Day);
        return ok;
    }

    public static bool TryRange(string text, out DayRange range)
    {
        range = default;
        if (text.Split(RangeMark) is not [var from, var to] || !TryDate(from.Trim(), out var first) || !TryDate(to.Trim(), out var last) || last < first) return false;
        range = new(first, last);
        return true;
    }

    public static bool TryWeekday(string text, out DayOfWeek day)
    {
        for (day = DayOfWeek.Sunday; day <= DayOfWeek.Saturday; day++)
            if (text.Equals(Of(day), StringComparison.OrdinalIgnoreCase) || text.Equals(day.ToString(), StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    public static string Of(DateOnly day) => day.ToString(Day, CultureInfo.InvariantCulture);

    public static string Of(YearlyDay day) => string.Create(CultureInfo.InvariantCulture, $"{day.Month:00}-{day.Day:00}");

    public static string Of(DayRange range) => Of(range.From) + RangeMark + Of(range.To);

    public static string Of(DayOfWeek day) => Weekdays[(int)day];
}
