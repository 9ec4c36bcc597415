namespace Orchestrator.Core.Schedules.Zones;

/// <summary>What the clocks of a zone do on a day.</summary>
public static class ClockChanges
{
    /// <summary>How far the clocks are set on a local day: forward is positive, back is negative, zero means not at all.</summary>
    /// <remarks>A change at midnight belongs to the day that begins with it.</remarks>
    public static TimeSpan On(ZoneRules zone, DateOnly day)
    {
        if (day == DateOnly.MaxValue) return TimeSpan.Zero;
        var start = zone.FirstAt(day.ToDateTime(TimeOnly.MinValue));
        var end = zone.FirstAt(day.AddDays(1).ToDateTime(TimeOnly.MinValue));
        return zone.OffsetAt(Before(end)) - zone.OffsetAt(Before(start));
    }

    /// <summary>How far the clocks are set on the local day that an instant lies in.</summary>
    public static TimeSpan On(ZoneRules zone, DateTimeOffset instant) => On(zone, DateOnly.FromDateTime(zone.LocalAt(instant)));

    private static DateTimeOffset Before(DateTimeOffset at) => at > DateTimeOffset.MinValue ? at.AddTicks(-1) : at;
}
