using System.Collections.Immutable;
using Orchestrator.Core.Schedules.Calendars;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>The calendars of a workflow.</summary>
/// <param name="All">By name, those that are wrong as far as they could be read.</param>
/// <param name="Wrong">What is wrong with those that are.</param>
internal sealed record ReadCalendars(ImmutableSortedDictionary<string, DayCalendar> All, IReadOnlyDictionary<string, ImmutableArray<Problem>> Wrong)
{
    /// <summary>Those that are not wrong.</summary>
    public ImmutableSortedDictionary<string, DayCalendar> Right => All.RemoveRange(Wrong.Keys);
}

/// <summary>Reads `calendars`.</summary>
internal static class CalendarReader
{
    private delegate bool Reading<T>(string text, out T value);

    public static ReadCalendars Read(Fields workflow)
    {
        var calendars = ImmutableSortedDictionary.CreateBuilder<string, DayCalendar>(StringComparer.Ordinal);
        var wrong = new Dictionary<string, ImmutableArray<Problem>>(StringComparer.Ordinal);
        foreach (var entry in workflow.Entries("calendars"))
        {
            var before = workflow.Problems.Count;
            calendars[entry.Key] = One(workflow, entry);
            if (workflow.Problems.Count > before) wrong[entry.Key] = workflow.Problems.Since(before);
        }
        return new(calendars.ToImmutable(), wrong);
    }

    private static DayCalendar One(Fields workflow, SourceEntry entry)
    {
        if (!Names.IsName(entry.Key))
            workflow.Problems.Add(ProblemCodes.BadValue, entry.At, $"`{SourceScalar.Shorten(entry.Key)}` is not a calendar name.", Names.NameRule);
        if (entry.Value is not SourceMap map)
        {
            workflow.Problems.Add(ProblemCodes.WrongType, entry.Value.Span, $"Calendar '{entry.Key}' must be a map, not {entry.Value.Found}.",
                "Write `{dates: [2026-12-24], yearly: [12-25], weekdays: [sat, sun]}`.");
            return new();
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
        return calendar;
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
