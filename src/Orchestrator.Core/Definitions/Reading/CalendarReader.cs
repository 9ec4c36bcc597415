using System.Collections.Immutable;
using Orchestrator.Core.Schedules.Calendars;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `calendars`.</summary>
internal static class CalendarReader
{
    private delegate bool Reading<T>(string text, out T value);

    public static ImmutableSortedDictionary<string, DayCalendar> Read(Fields workflow)
    {
        var calendars = ImmutableSortedDictionary.CreateBuilder<string, DayCalendar>(StringComparer.Ordinal);
        foreach (var entry in workflow.Entries("calendars"))
        {
            if (!Names.IsName(entry.Key))
                workflow.Problems.Add(ProblemCodes.BadValue, entry.At, $"`{SourceScalar.Shorten(entry.Key)}` is not a calendar name.", Names.NameRule);
            if (entry.Value is not SourceMap map)
            {
                workflow.Problems.Add(ProblemCodes.WrongType, entry.Value.Span, $"Calendar '{entry.Key}' must be a map, not {entry.Value.Found}.",
                    "Write `{dates: [2026-12-24], yearly: [12-25], weekdays: [sat, sun]}`.");
                continue;
            }
            var fields = new Fields(map, Vocabulary.Calendar, $"calendar '{entry.Key}'", workflow.Problems);
            var calendar = new DayCalendar
            {
                Weekdays = List<DayOfWeek>(fields, "weekdays", CalendarText.TryWeekday, $"a weekday: use {CalendarText.WeekdayWords}"),
                Dates = List<DateOnly>(fields, "dates", CalendarText.TryDate, "a date such as 2026-12-24"),
                Yearly = List<YearlyDay>(fields, "yearly", CalendarText.TryYearly, "a day of every year such as 12-24"),
                Ranges = List<DayRange>(fields, "ranges", CalendarText.TryRange, "two dates, earlier first, such as 2026-07-01..2026-07-31"),
                Ics = fields.Has("ics") ? fields.Required("ics") : null,
            };
            if (calendar.IsEmpty && map.Entries.Count == 0)
                workflow.Problems.Add(ProblemCodes.MissingKey, map.Span, $"Calendar '{entry.Key}' names no day.", "Add one of weekdays, dates, yearly, ranges, ics.");
            calendars[entry.Key] = calendar;
        }
        return calendars.ToImmutable();
    }

    private static ImmutableArray<T> List<T>(Fields fields, string key, Reading<T> read, string expected)
    {
        var values = ImmutableArray.CreateBuilder<T>();
        foreach (var text in fields.Texts(key, orSingle: true))
        {
            if (read(text.Text.Trim(), out var value)) values.Add(value);
            else fields.Problems.Add(ProblemCodes.BadSchedule, text.Span, $"`{SourceScalar.Shorten(text.Text)}` in `{key}` is not {expected}.");
        }
        return values.ToImmutable();
    }
}
