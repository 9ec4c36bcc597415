namespace Orchestrator.Core.Schedules.Zones;

/// <summary>A rule that names local times, whatever a zone's clocks do with them.</summary>
internal interface ILocalRule
{
    /// <summary>Whether it fires at least hourly within the hours it names: then it runs through every pass and is never shifted.</summary>
    bool AtLeastHourly { get; }

    /// <summary>The first local time after one (strictly), in whole seconds; null when there is none.</summary>
    DateTime? After(DateTime floor);
}

/// <summary>
/// The instants of a local rule in a zone. It walks the periods in which the offset does not change: within one, local times and instants are in the
/// same order; where one follows another, a gap or an overlap is decided.
/// </summary>
internal static class LocalWalk
{
    /// <summary>The first instant after one (strictly), UTC; null when there is none.</summary>
    public static DateTime? Next(ILocalRule rule, ZoneRules zone, DstRule dst, DateTime after)
    {
        var shifts = !rule.AtLeastHourly && dst.Gap == GapRule.Shift;
        var passes = rule.AtLeastHourly ? OverlapPass.Both : dst.Overlap;
        var index = zone.IndexAt(after);
        for (var floor = zone[index].Local(after); ;)
        {
            var period = zone[index];
            var local = rule.After(floor);
            if (local < period.LocalEnd)
            {
                if (Counts(zone, index, local.Value, passes)) return period.Utc(local.Value);
                floor = local.Value;
                continue;
            }
            if (index == zone.Last) return null;
            if (shifts && FallsIntoGap(rule, zone, index, local)) return zone[index + 1].Start;

            // An overlap shows again what is up to a day old: from there on the rule is asked anew.
            var passed = period.Start - after > ZonePeriod.Reach;
            if (local is null && passed) return null;
            index++;
            if (passed && zone.IndexAt(Back(local!.Value)) is var far && far > index) index = far;
            floor = zone[index].LocalStart.AddTicks(-1);
        }
    }

    private static DateTime Back(DateTime local) => ZonePeriod.Clamp(local.Ticks - ZonePeriod.Reach.Ticks, DateTimeKind.Utc);

    private static bool FallsIntoGap(ILocalRule rule, ZoneRules zone, int index, DateTime? local)
    {
        var end = zone[index + 1].LocalStart;
        var highest = zone[index].LocalEnd;
        for (var i = index - 1; i >= 0 && zone[index].End - zone[i].End <= ZonePeriod.Reach; i--)
            if (zone[i].LocalEnd > highest) highest = zone[i].LocalEnd;
        if (highest >= end) return false;
        if (local < highest) local = rule.After(highest.AddTicks(-1));
        return local < end;
    }

    private static bool Counts(ZoneRules zone, int index, DateTime local, OverlapPass passes)
    {
        if (passes == OverlapPass.First)
        {
            for (var i = index - 1; i >= 0 && zone[index].Start - zone[i].End <= ZonePeriod.Reach; i--)
                if (zone[i].Shows(local)) return false;
        }
        else if (passes == OverlapPass.Last)
        {
            for (var i = index + 1; i <= zone.Last && zone[i].Start - zone[index].End <= ZonePeriod.Reach; i++)
                if (zone[i].Shows(local)) return false;
        }
        return true;
    }
}
