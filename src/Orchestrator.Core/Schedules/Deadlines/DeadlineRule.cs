using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Deadlines;

/// <summary>By when a run of a schedule must have completed: so long after its due time, or at the first time of day after it.</summary>
[JsonConverter(typeof(DeadlineRuleJson))]
public sealed record DeadlineRule
{
    /// <summary>Longest time after a due time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private DeadlineRule(TimeSpan? after, TimeOnly? clock) => (After, Clock) = (after, clock);

    /// <summary>Time after the due time; null: a time of day.</summary>
    public TimeSpan? After { get; }

    /// <summary>A time of day in the schedule's zone; null: a time after the due time.</summary>
    public TimeOnly? Clock { get; }

    /// <summary>Reads <c>30m</c> or <c>06:00</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DeadlineRule? rule)
    {
        rule = TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) ? new(null, clock)
            : DurationText.TryParse(text, out var after) && after > TimeSpan.Zero && after <= Longest ? new(after, null) : null;
        return rule is not null;
    }

    /// <summary>By when the run of a due time must have completed.</summary>
    public DateTimeOffset Of(DateTimeOffset due, ZoneRules zone)
    {
        if (After is { } after) return due <= DateTimeOffset.MaxValue - after ? due + after : DateTimeOffset.MaxValue;
        var day = DateOnly.FromDateTime(zone.LocalAt(due));
        var at = zone.FirstAt(day.ToDateTime(Clock!.Value));
        return at > due ? at : zone.FirstAt(day.AddDays(1).ToDateTime(Clock.Value));
    }

    /// <summary>The latest due time after an instant (strictly) whose deadline has passed.</summary>
    public DateTimeOffset? LatestPassed(ScheduleTimes times, ZoneRules zone, DateTimeOffset now, DateTimeOffset after)
    {
        if (After is { } time) return DueSearch.Last(times, now - time, after);
        var day = DateOnly.FromDateTime(zone.LocalAt(now));
        var at = zone.FirstAt(day.ToDateTime(Clock!.Value));
        if (at > now) at = zone.FirstAt(day.AddDays(-1).ToDateTime(Clock.Value));
        return DueSearch.Last(times, at.AddTicks(-1), after);
    }

    /// <summary>As it is written.</summary>
    public override string ToString() => Clock is { } clock ? clock.ToString(clock.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture) : DurationText.Format(After!.Value);
}

internal sealed class DeadlineRuleJson : JsonConverter<DeadlineRule>
{
    public override DeadlineRule Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DeadlineRule.TryParse(reader.GetString() ?? "", out var rule) ? rule : throw new JsonException("That is no deadline.");

    public override void Write(Utf8JsonWriter writer, DeadlineRule value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
