namespace Orchestrator.Core.Schedules;

/// <summary>
/// What wall clocks of a zone show, derived only from the offset at an instant. The other direction (local time to
/// instant) has no answer for gaps and two for overlaps, and is where rules for odd zones go wrong.
/// </summary>
internal readonly struct ZoneClock(TimeZoneInfo zone)
{
    /// <summary>No clock was ever set by more than a day, and no offset is that large.</summary>
    public static readonly TimeSpan Reach = TimeSpan.FromHours(26);

    public static readonly DateTime Earliest = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Two changes of a zone are never this close to each other.
    private static readonly TimeSpan Stride = TimeSpan.FromHours(13);

    public bool IsConstant => !zone.SupportsDaylightSavingTime && zone.GetAdjustmentRules().Length == 0;

    // Without its kind a DateTime would be read as a local time of the zone.
    public TimeSpan OffsetAt(DateTime utc) => zone.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    public DateTime LocalAt(DateTime utc) => DateTime.SpecifyKind(utc + OffsetAt(utc), DateTimeKind.Unspecified);

    /// <summary>The first instant in (from, to] with another offset than <paramref name="from"/>.</summary>
    public DateTime? ChangeIn(DateTime from, DateTime to)
    {
        var offset = OffsetAt(from);
        for (var low = from; low < to;)
        {
            var high = to - low > Stride ? low + Stride : to;
            if (OffsetAt(high) != offset) return Bisect(low, high, offset);
            low = high;
        }
        return null;
    }

    /// <summary>The highest local time shown at or before an instant; a reading that was never quite reached is a tick lower.</summary>
    public DateTime HighestUntil(DateTime utc)
    {
        var highest = LocalAt(utc);
        for (var at = utc - Reach; ChangeIn(at, utc) is { } change; at = change)
        {
            var end = DateTime.SpecifyKind(change + OffsetAt(at), DateTimeKind.Unspecified).AddTicks(-1);
            if (end > highest) highest = end;
        }
        return highest;
    }

    /// <summary>The first instant at which the clock shows <paramref name="local"/> or more.</summary>
    public DateTime FirstReaching(DateTime local)
    {
        var wanted = DateTime.SpecifyKind(local, DateTimeKind.Utc);
        for (var at = wanted - Reach; ;)
        {
            var hit = wanted - OffsetAt(at);
            if (ChangeIn(at, hit) is not { } change) return hit;
            if (change + OffsetAt(change) >= wanted) return change;
            at = change;
        }
    }

    private DateTime Bisect(DateTime low, DateTime high, TimeSpan offset)
    {
        while (high.Ticks - low.Ticks > 1)
        {
            var middle = new DateTime(low.Ticks + (high.Ticks - low.Ticks) / 2, DateTimeKind.Utc);
            if (OffsetAt(middle) == offset) low = middle;
            else high = middle;
        }
        return high;
    }
}
