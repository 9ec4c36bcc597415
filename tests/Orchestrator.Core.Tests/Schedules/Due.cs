using System.Globalization;
using Orchestrator.Core.Schedules;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>The small language of these tests: rules, zones and lists of instants.</summary>
internal static class Due
{
    public static CronRule Rule(string text) =>
        CronRule.TryParse(text, out var rule, out var error) ? rule : throw new FormatException(error);

    public static TimeZoneInfo Zone(string id) => TimeZoneInfo.FindSystemTimeZoneById(id);

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public static IEnumerable<DateTimeOffset> After(this CronRule rule, DateTimeOffset from, TimeZoneInfo zone)
    {
        for (var next = rule.Next(from, zone); next is { } at; next = rule.Next(at, zone)) yield return at;
    }

    /// <summary>The next occurrences as the zone's clocks show them.</summary>
    public static string[] Local(string rule, string zone, string after, int count) =>
        [.. Rule(rule).After(At(after), Zone(zone)).Take(count)
            .Select(i => TimeZoneInfo.ConvertTime(i, Zone(zone)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture))];

    public static string[] Utc(string rule, string zone, string after, int count) =>
        [.. Rule(rule).After(At(after), Zone(zone)).Take(count).Select(i => i.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))];
}
