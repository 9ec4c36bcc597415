using System.Globalization;

namespace Orchestrator.AspNetCore.Schedules;

/// <summary>A day as people write it.</summary>
internal static class CalendarDate
{
    public const string Shape = "a date such as 2026-03-28";

    private const string Form = "yyyy-MM-dd";

    // The last year leaves room for the days after it.
    public static bool TryRead(string text, out DateOnly date) => DateOnly.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out date) && date.Year is > 1900 and < 2200;

    public static string Text(DateOnly date) => date.ToString(Form, CultureInfo.InvariantCulture);
}
