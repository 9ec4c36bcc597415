using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>
/// Everything a schedule's due times follow from, as written; its text is what the ledger keeps. Exactly one of <see cref="Cron"/>,
/// <see cref="Every"/>, <see cref="At"/> and <see cref="Rrule"/> is given.
/// </summary>
public sealed record ScheduleTerms
{
    /// <summary>A cron rule.</summary>
    public string? Cron { get; init; }

    /// <summary>A period, counted from <see cref="Start"/>, or from 1970 where there is none.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Single times.</summary>
    public ImmutableArray<string> At { get; init; } = [];

    /// <summary>A recurrence rule of RFC 5545; its first possible time is <see cref="Start"/>.</summary>
    public string? Rrule { get; init; }

    /// <summary>IANA zone that local times are in.</summary>
    public string Timezone { get; init; } = "UTC";

    /// <summary>What a local time means that the clocks leave out or repeat.</summary>
    public DstRule Dst { get; init; }

    /// <summary>Nothing is due before it.</summary>
    public string? Start { get; init; }

    /// <summary>Nothing is due after it.</summary>
    public string? End { get; init; }

    /// <summary>Each due time is carried out up to so much later, always by the same time for the same due time.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>Days on which nothing is due.</summary>
    public ImmutableArray<DayCalendar> Exclude { get; init; } = [];

    /// <summary>The only days on which something is due; none: all.</summary>
    public ImmutableArray<DayCalendar> Only { get; init; } = [];

    /// <summary>The terms as one line of JSON. Equal terms have equal texts.</summary>
    public string ToText()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.TextIfAny("cron"u8, Cron);
            json.Duration("every"u8, Every);
            if (!At.IsDefaultOrEmpty) json.Texts("at"u8, At);
            json.TextIfAny("rrule"u8, Rrule);
            json.WriteString("timezone"u8, Timezone);
            if (Dst.Gap != default) json.WriteString("gap"u8, Words.Of(Dst.Gap));
            if (Dst.Overlap != default) json.WriteString("overlap"u8, Words.Of(Dst.Overlap));
            json.TextIfAny("start"u8, Start);
            json.TextIfAny("end"u8, End);
            json.Duration("jitter"u8, Jitter);
            CalendarForm.Write(json, "exclude"u8, Exclude);
            CalendarForm.Write(json, "only"u8, Only);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Reads a text that <see cref="ToText"/> wrote; false for anything else.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ScheduleTerms? terms)
    {
        terms = null;
        try
        {
            using var document = JsonDocument.Parse(text, JsonBounds.Documents);
            var form = document.RootElement.AsForm();
            terms = new()
            {
                Cron = form.Text("cron"u8),
                Every = form.Duration("every"u8),
                At = form.Texts("at"u8),
                Rrule = form.Text("rrule"u8),
                Timezone = form.Text("timezone"u8) ?? "UTC",
                Dst = new(form.Word<GapRule>("gap"u8) ?? default, form.Word<OverlapPass>("overlap"u8) ?? default),
                Start = form.Text("start"u8),
                End = form.Text("end"u8),
                Jitter = form.Duration("jitter"u8),
                Exclude = form.List("exclude"u8, CalendarForm.Read),
                Only = form.List("only"u8, CalendarForm.Read),
            };
            return true;
        }
        catch (JsonException) { return false; }
    }
}
