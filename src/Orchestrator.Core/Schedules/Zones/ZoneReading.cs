using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Zones;

/// <summary>Makes data of a zone that the machine knows.</summary>
public static class ZoneReading
{
    private const int FirstYear = 1970;
    private const int KnownUntil = 2100;
    private const int Until = 2200;

    // Every shape of a year (leap or not, weekday of its first day) occurs in 28 successive years of one century.
    private const int Shapes = 28;

    /// <summary>
    /// The changes of 1970 to 2099 as the zone has them. Later years, to 2199, get those of a year that has the same calendar.
    /// </summary>
    /// <param name="zone">The zone.</param>
    /// <param name="version">Version of the data it comes from; empty where it is not known.</param>
    public static ZoneRules Rules(TimeZoneInfo zone, string version = "")
    {
        var first = Offset(zone, Year(FirstYear));
        if (!zone.SupportsDaylightSavingTime && zone.GetAdjustmentRules().Length == 0) return ZoneRules.Create(zone.Id, version, first, []);

        var known = Known(zone, first);
        return ZoneRules.Create(zone.Id, version, first, known.Concat(Later(known)));
    }

    // A day is shorter than the time between any two changes.
    private static ImmutableArray<ZoneChange> Known(TimeZoneInfo zone, TimeSpan offset)
    {
        var changes = ImmutableArray.CreateBuilder<ZoneChange>();
        var end = Year(KnownUntil);
        for (var low = Year(FirstYear); low < end; low = low.AddDays(1))
        {
            var after = Offset(zone, low.AddDays(1));
            if (after == offset) continue;
            changes.Add(new(Bisect(zone, low, low.AddDays(1), offset), after));
            offset = after;
        }
        return changes.ToImmutable();
    }

    private static IEnumerable<ZoneChange> Later(ImmutableArray<ZoneChange> known)
    {
        for (var year = KnownUntil; year < Until; year++)
        {
            var like = Enumerable.Range(KnownUntil - Shapes, Shapes).First(y => SameCalendar(y, year));
            var shift = Year(year) - Year(like);
            foreach (var change in known)
                if (change.At.Year == like) yield return change with { At = change.At + shift };
        }
    }

    private static bool SameCalendar(int a, int b) => DateTime.IsLeapYear(a) == DateTime.IsLeapYear(b) && Year(a).DayOfWeek == Year(b).DayOfWeek;

    private static DateTime Year(int year) => new(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Only this direction is asked: local time to instant has no answer in a gap and two in an overlap.
    private static TimeSpan Offset(TimeZoneInfo zone, DateTime utc) => zone.GetUtcOffset(utc);

    private static DateTime Bisect(TimeZoneInfo zone, DateTime low, DateTime high, TimeSpan offset)
    {
        while (high - low > TimeSpan.FromSeconds(1))
        {
            var middle = low.AddSeconds(Math.Floor((high - low).TotalSeconds / 2));
            if (Offset(zone, middle) == offset) low = middle;
            else high = middle;
        }
        return high;
    }
}
