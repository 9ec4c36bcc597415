using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Schedules.Calendars;

/// <summary>The normal form of calendars.</summary>
internal static class CalendarForm
{
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<DayCalendar> calendars)
    {
        if (calendars.IsDefaultOrEmpty) return;
        json.WriteStartArray(name);
        foreach (var calendar in calendars) Write(json, calendar);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, DayCalendar calendar)
    {
        json.WriteStartObject();
        if (!calendar.Weekdays.IsDefaultOrEmpty) json.Texts("weekdays"u8, [.. calendar.Weekdays.Select(CalendarText.Of)]);
        if (!calendar.Dates.IsDefaultOrEmpty) json.Texts("dates"u8, [.. calendar.Dates.Select(CalendarText.Of)]);
        if (!calendar.Yearly.IsDefaultOrEmpty) json.Texts("yearly"u8, [.. calendar.Yearly.Select(CalendarText.Of)]);
        if (!calendar.Ranges.IsDefaultOrEmpty) json.Texts("ranges"u8, [.. calendar.Ranges.Select(CalendarText.Of)]);
        json.TextIfAny("ics"u8, calendar.Ics);
        json.WriteEndObject();
    }

    public static DayCalendar Read(JsonElement form) => new()
    {
        Weekdays = form.AsForm().List("weekdays"u8, t => CalendarText.TryWeekday(t.AsText(), out var day) ? day : throw Unfit(t)),
        Dates = form.List("dates"u8, t => CalendarText.TryDate(t.AsText(), out var day) ? day : throw Unfit(t)),
        Yearly = form.List("yearly"u8, t => CalendarText.TryYearly(t.AsText(), out var day) ? day : throw Unfit(t)),
        Ranges = form.List("ranges"u8, t => CalendarText.TryRange(t.AsText(), out var range) ? range : throw Unfit(t)),
        Ics = form.Text("ics"u8),
    };

    private static JsonException Unfit(JsonElement value) => new($"Expected days of a calendar, not {value.GetRawText()}.");
}
