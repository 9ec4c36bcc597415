using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Calendars;

/// <summary>The days of several calendars, for many questions.</summary>
internal sealed class DaySet
{
    private readonly int _weekdays;
    private readonly FrozenSet<DateOnly> _dates;
    private readonly FrozenSet<YearlyDay> _yearly;
    private readonly ImmutableArray<DayRange> _ranges;

    public DaySet(IReadOnlyCollection<DayCalendar> calendars)
    {
        _weekdays = calendars.SelectMany(c => c.Weekdays).Aggregate(0, (mask, day) => mask | 1 << (int)day);
        _dates = calendars.SelectMany(c => c.Dates).ToFrozenSet();
        _yearly = calendars.SelectMany(c => c.Yearly).ToFrozenSet();
        _ranges = Merged(calendars.SelectMany(c => c.Ranges));
    }

    public bool Contains(DateOnly day) =>
        (_weekdays >> (int)day.DayOfWeek & 1) != 0 || _dates.Contains(day) || _yearly.Contains(new(day.Month, day.Day)) || InRange(day);

    private bool InRange(DateOnly day)
    {
        var (low, high) = (0, _ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].To < day) low = middle + 1;
            else high = middle;
        }
        return low < _ranges.Length && _ranges[low].From <= day;
    }

    private static ImmutableArray<DayRange> Merged(IEnumerable<DayRange> ranges)
    {
        var merged = ImmutableArray.CreateBuilder<DayRange>();
        foreach (var range in ranges.OrderBy(r => r.From))
        {
            if (merged.Count > 0 && range.From <= merged[^1].To) merged[^1] = new(merged[^1].From, range.To > merged[^1].To ? range.To : merged[^1].To);
            else merged.Add(range);
        }
        return merged.ToImmutable();
    }
}
