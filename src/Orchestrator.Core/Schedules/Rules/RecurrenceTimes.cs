using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>Which times of a day a recurrence means; where its periods are hours, minutes or seconds, it walks them.</summary>
internal sealed class RecurrenceTimes
{
    // Rules whose interval never meets what they name are given up, not followed for ever.
    private const int MaxSteps = 500_000;

    private readonly DateTime _base;
    private readonly DateTime _start;
    private readonly long _step;
    private readonly Frequency _frequency;
    private readonly ulong _hours;
    private readonly ulong _minutes;
    private readonly ulong _seconds;
    private readonly int[] _offsets;

    public RecurrenceTimes(RecurrenceParts parts, DateTime start)
    {
        (_frequency, _start) = (parts.Frequency, start);
        var unit = _frequency switch { Frequency.Secondly => 1, Frequency.Minutely => 60, Frequency.Hourly => 3600, _ => 86_400 };
        _step = (long)unit * parts.Interval;
        _base = start.Date.AddSeconds((long)start.TimeOfDay.TotalSeconds / unit * unit);
        _hours = Mask(parts.Hours, NamedHours.All);
        _minutes = Mask(parts.Minutes, ulong.MaxValue >> 4);
        _seconds = Mask(parts.Seconds, ulong.MaxValue >> 4);

        int[] seconds = _frequency < Frequency.Minutely ? [0] : [.. Sorted(parts.Seconds, start.Second)];
        int[] minutes = _frequency < Frequency.Hourly ? [0] : [.. Sorted(parts.Minutes, start.Minute)];
        int[] hours = _frequency < Frequency.Daily ? [0] : [.. Sorted(parts.Hours, start.Hour)];
        _offsets = [.. from h in hours from m in minutes from s in seconds select h * 3600 + m * 60 + s];
        AtLeastHourly = _frequency >= Frequency.Daily
            ? NamedHours.AtLeastHourly(Mask([.. hours], 0), minutes.Length * seconds.Length)
            : _step <= 3600 && NamedHours.AtLeastHourly(_hours, (int)(3600 / _step) * _offsets.Length);

        // A period of a day or less has the same times always: positions are taken from it once.
        if (_frequency <= Frequency.Daily && parts.Positions.Length > 0)
            _offsets = [.. parts.Positions.Select(p => p > 0 ? p - 1 : _offsets.Length + p).Where(i => i >= 0 && i < _offsets.Length).Select(i => _offsets[i]).Distinct().Order()];
    }

    public bool AtLeastHourly { get; }

    /// <summary>Times of one day, for rules whose periods are days or longer.</summary>
    public int PerDay => _offsets.Length;

    public TimeSpan Nth(int index) => TimeSpan.FromSeconds(_offsets[index]);

    /// <summary>The first time of a day that matches, after a floor.</summary>
    public DateTime? InDay(DateTime day, DateTime floor) => FirstAfter(day, floor);

    /// <summary>The first time after a floor, for rules whose periods are shorter than a day.</summary>
    public DateTime? After(DateTime floor, RecurrenceDays days)
    {
        var at = Aligned(floor < _base ? _base : floor, down: true);
        for (var steps = 0; steps < MaxSteps && at.Year <= Recurrence.LatestYear; steps++)
        {
            if (!days.Matches(at.Date)) at = Aligned(days.NextMonth(at.Date) ?? at.Date.AddDays(1), down: false);
            else if ((_hours >> at.Hour & 1) == 0) at = Aligned(at.Date.AddHours(at.Hour + 1), down: false);
            else if (_frequency < Frequency.Hourly && (_minutes >> at.Minute & 1) == 0) at = Aligned(at.Date.AddMinutes(at.Hour * 60 + at.Minute + 1), down: false);
            else if (_frequency < Frequency.Minutely && (_seconds >> at.Second & 1) == 0) at = at.AddSeconds(_step);
            else if (FirstAfter(at, floor) is { } time) return time;
            else at = at.AddSeconds(_step);
        }
        return null;
    }

    private DateTime? FirstAfter(DateTime from, DateTime floor)
    {
        if (floor < _start) floor = _start.AddTicks(-1);
        var wanted = floor < from ? 0 : (long)Math.Floor((floor - from).TotalSeconds) + 1;
        var index = Array.BinarySearch(_offsets, (int)Math.Min(wanted, int.MaxValue));
        if (index < 0) index = ~index;
        return index < _offsets.Length ? from.AddSeconds(_offsets[index]) : null;
    }

    private DateTime Aligned(DateTime time, bool down)
    {
        var seconds = (time.Ticks - _base.Ticks) / TimeSpan.TicksPerSecond;
        var steps = down ? seconds / _step : (seconds + _step - 1) / _step;
        return _base.AddSeconds(Math.Min(steps * _step, 300_000_000_000 - _base.Ticks / TimeSpan.TicksPerSecond));
    }

    private static IEnumerable<int> Sorted(ImmutableArray<int> given, int otherwise) => given.Length > 0 ? given.Distinct().Order() : [otherwise];

    private static ulong Mask(ImmutableArray<int> values, ulong otherwise) => values.Length == 0 ? otherwise : values.Aggregate(0UL, (mask, v) => mask | 1UL << v);
}
