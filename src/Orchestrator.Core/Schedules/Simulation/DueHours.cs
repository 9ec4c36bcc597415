using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>The due times within an hour of a day, as the clocks of a zone show it. An hour that comes twice is one.</summary>
/// <param name="Day">The day.</param>
/// <param name="Hour">The hour, 0 to 23.</param>
/// <param name="Count">How many.</param>
/// <param name="First">The first, UTC.</param>
/// <param name="Last">The last, UTC.</param>
public readonly record struct DueHour(DateOnly Day, int Hour, int Count, DateTimeOffset First, DateTimeOffset Last);

/// <summary>Counts due times by hours of local days.</summary>
public static class DueHours
{
    /// <summary>The hours of some days that have due times, in the order of their first.</summary>
    /// <param name="times">The due times.</param>
    /// <param name="zone">The zone whose clocks are shown.</param>
    /// <param name="from">The first day.</param>
    /// <param name="days">How many days.</param>
    /// <param name="most">At most so many due times are counted.</param>
    /// <param name="isCut">Whether there were more.</param>
    public static IReadOnlyList<DueHour> Of(ScheduleTimes times, ZoneRules zone, DateOnly from, int days, int most, out bool isCut)
    {
        var (begin, end) = (zone.FirstAt(from.ToDateTime(TimeOnly.MinValue)), zone.FirstAt(from.AddDays(days).ToDateTime(TimeOnly.MinValue)));
        var hours = new Dictionary<(DateOnly, int), DueHour>();
        var counted = 0;
        isCut = false;
        for (var next = times.Next(begin.AddTicks(-1)); next < end; next = times.Next(next.Value))
        {
            if (counted++ == most)
            {
                isCut = true;
                break;
            }
            var local = zone.LocalAt(next.Value);
            var key = (DateOnly.FromDateTime(local), local.Hour);
            hours[key] = hours.TryGetValue(key, out var hour) ? hour with { Count = hour.Count + 1, Last = next.Value } : new(key.Item1, key.Hour, 1, next.Value, next.Value);
        }
        return [.. hours.Values.OrderBy(h => h.First)];
    }

    /// <summary>Hours of a day that a zone's clocks leave out altogether.</summary>
    public static IEnumerable<int> LeftOut(ZoneRules zone, DateOnly day)
    {
        for (var hour = 0; hour < 24; hour++)
        {
            var local = day.ToDateTime(new TimeOnly(hour, 0));
            if (zone.LocalAt(zone.FirstAt(local)) >= local.AddHours(1)) yield return hour;
        }
    }
}
