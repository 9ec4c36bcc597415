using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Schedules.Calendars;

/// <summary>A named set of days: whatever one of its parts names.</summary>
[JsonConverter(typeof(DayCalendarJson))]
public sealed record DayCalendar
{
    /// <summary>Weekdays.</summary>
    public ImmutableArray<DayOfWeek> Weekdays { get; init; } = [];

    /// <summary>Single days.</summary>
    public ImmutableArray<DateOnly> Dates { get; init; } = [];

    /// <summary>Days of every year. 29 February is only in leap years.</summary>
    public ImmutableArray<YearlyDay> Yearly { get; init; } = [];

    /// <summary>From a day to another, both of them in it.</summary>
    public ImmutableArray<DayRange> Ranges { get; init; } = [];

    /// <summary>An iCalendar file whose events' days are in it; relative to the definition's folder. Whoever uses the calendar reads it.</summary>
    public string? Ics { get; init; }

    /// <summary>Whether it names no day.</summary>
    [JsonIgnore]
    public bool IsEmpty => Weekdays.IsDefaultOrEmpty && Dates.IsDefaultOrEmpty && Yearly.IsDefaultOrEmpty && Ranges.IsDefaultOrEmpty && Ics is null;

    /// <summary>Whether a day is in it.</summary>
    public bool Contains(DateOnly day) =>
        Weekdays.Contains(day.DayOfWeek) || Dates.Contains(day) || Yearly.Contains(new(day.Month, day.Day)) || Ranges.Any(r => day >= r.From && day <= r.To);
}

/// <summary>A day of every year.</summary>
public readonly record struct YearlyDay(int Month, int Day);

/// <summary>Days from one to another, both included.</summary>
public readonly record struct DayRange(DateOnly From, DateOnly To);

/// <summary>Reads and writes a calendar as its normal form.</summary>
internal sealed class DayCalendarJson : JsonConverter<DayCalendar>
{
    public override DayCalendar Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return CalendarForm.Read(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, DayCalendar value, JsonSerializerOptions options) => CalendarForm.Write(writer, value);
}
