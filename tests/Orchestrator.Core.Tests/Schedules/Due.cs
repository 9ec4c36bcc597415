using System.Collections.Concurrent;
using System.Globalization;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>The small language of these tests: rules, zones and lists of instants.</summary>
internal static class Due
{
    public static CronRule Rule(string text) =>
        CronRule.TryParse(text, out var rule, out var error) ? rule : throw new FormatException(error);

    private static readonly ConcurrentDictionary<string, ZoneRules> Zones = new();

    public static TimeZoneInfo Machine(string id) => TimeZoneInfo.FindSystemTimeZoneById(id);

    public static ZoneRules Zone(string id) => Zones.GetOrAdd(id, static i => ZoneReading.Rules(Machine(i)));

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public static IEnumerable<DateTimeOffset> After(this CronRule rule, DateTimeOffset from, ZoneRules zone, DstRule dst = default)
    {
        for (var next = rule.Next(from, zone, dst); next is { } at; next = rule.Next(at, zone, dst)) yield return at;
    }

    /// <summary>The next occurrences as the zone's clocks show them.</summary>
    public static string[] Local(string rule, string zone, string after, int count, DstRule dst = default) =>
        [.. Rule(rule).After(At(after), Zone(zone), dst).Take(count)
            .Select(i => TimeZoneInfo.ConvertTime(i, Machine(zone)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture))];

    public static ScheduleTimes Times(ScheduleTerms terms) =>
        ScheduleTimes.TryCreate(terms, Zone(terms.Timezone), "nightly/two", out var times, out var error) ? times : throw new FormatException(error);

    /// <summary>The next due times as the zone's clocks show them, to the minute.</summary>
    public static string[] Local(ScheduleTerms terms, string after, int count) =>
        [.. Times(terms).After(At(after)).Take(count).Select(i => TimeZoneInfo.ConvertTime(i, Machine(terms.Timezone)).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture))];

    public static string[] Utc(string rule, string zone, string after, int count) =>
        [.. Rule(rule).After(At(after), Zone(zone)).Take(count).Select(i => i.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))];
}
