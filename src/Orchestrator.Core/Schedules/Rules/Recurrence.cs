using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>How often the periods of a recurrence are.</summary>
internal enum Frequency
{
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// <summary>A weekday of a recurrence: every one (0), or the nth of its month or year, from the end when negative.</summary>
internal readonly record struct RecurringWeekday(DayOfWeek Day, int Nth);

/// <summary>The parts of a recurrence rule (RFC 5545, 3.3.10) with what its start adds to them. Empty lists do not restrict.</summary>
internal sealed record RecurrenceParts
{
    public Frequency Frequency { get; init; }
    public int Interval { get; init; } = 1;
    public int? Count { get; init; }
    public WrittenTime? Until { get; init; }
    public ImmutableArray<int> Seconds { get; init; } = [];
    public ImmutableArray<int> Minutes { get; init; } = [];
    public ImmutableArray<int> Hours { get; init; } = [];
    public ImmutableArray<RecurringWeekday> Weekdays { get; init; } = [];
    public ImmutableArray<int> MonthDays { get; init; } = [];
    public ImmutableArray<int> YearDays { get; init; } = [];
    public ImmutableArray<int> Weeks { get; init; } = [];
    public ImmutableArray<int> Months { get; init; } = [];
    public ImmutableArray<int> Positions { get; init; } = [];
    public DayOfWeek WeekStart { get; init; } = DayOfWeek.Monday;
}

/// <summary>A recurrence rule of RFC 5545 from a start on, in local time. What the clocks of a zone do is not its concern.</summary>
internal sealed class Recurrence : ILocalRule
{
    public const int LatestYear = 2199;

    private readonly RecurrenceParts _parts;
    private readonly RecurrenceDays _days;
    private readonly RecurrenceTimes _times;
    private readonly DateTime _start;
    private readonly DateTime _last = new(LatestYear, 12, 31, 23, 59, 59);

    private Recurrence(RecurrenceParts parts, DateTime start)
    {
        _parts = parts;
        _start = start;
        _days = new(parts, start);
        _times = new(parts, start);
        if (parts.Until is { Offset: null } until && until.Local < _last) _last = until.Local;
        if (parts.Count is not { } count) return;

        // An end by number is an end by time: it is looked up once.
        DateTime? at = start.AddTicks(-1);
        var found = start.AddTicks(-1);
        for (var i = 0; i < count && (at = After(found)) is not null; i++) found = at.Value;
        _last = found;
    }

    /// <summary>The end that was given as an instant, UTC; compared with instants.</summary>
    public DateTimeOffset? UntilInstant => _parts.Until?.Instant;

    /// <inheritdoc/>
    public bool AtLeastHourly => _times.AtLeastHourly;

    /// <summary>Reads a rule; the error names the part, the value and what is allowed.</summary>
    /// <param name="text">The rule, with or without <c>RRULE:</c> in front.</param>
    /// <param name="start">Its first possible time, local: where the periods are counted from, and what the rule leaves open.</param>
    public static bool TryParse(string text, DateTime start, [NotNullWhen(true)] out Recurrence? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        if (!RecurrenceReader.TryRead(text, out var parts, out error)) return false;
        start = new(start.Ticks - start.Ticks % TimeSpan.TicksPerSecond);
        rule = new(parts, start);
        if (rule.After(start.AddTicks(-1)) is not null || parts.Until is not null) return true;
        (rule, error) = (null, $"rrule '{text}' never fires: no time from {start:yyyy-MM-dd'T'HH:mm:ss} on matches it.");
        return false;
    }

    /// <inheritdoc/>
    public DateTime? After(DateTime floor)
    {
        if (floor < _start) floor = _start.AddTicks(-1);
        if (floor >= _last) return null;
        var next = _parts.Frequency < Frequency.Daily ? _times.After(floor, _days)
            : _parts is { Frequency: > Frequency.Daily, Positions.Length: > 0 } ? ByPosition(floor)
            : ByDay(floor);
        return next <= _last ? next : null;
    }

    private DateTime? ByDay(DateTime floor)
    {
        for (var day = floor.Date; day.Year <= LatestYear;)
        {
            if ((_days.NextPeriod(day) ?? _days.NextMonth(day)) is { } later) day = later;
            else if (_days.Matches(day) && _times.InDay(day, floor) is { } time) return time;
            else day = _days.NextDay(day);
        }
        return null;
    }

    private DateTime? ByPosition(DateTime floor)
    {
        for (var period = _days.PeriodOf(floor.Date); period.Year <= LatestYear; period = _days.PeriodAfter(period))
        {
            if (_days.NextPeriod(period) is not null) continue;
            var days = _days.InPeriod(period);
            var size = (long)days.Count * _times.PerDay;
            DateTime? best = null;
            foreach (var position in _parts.Positions)
            {
                var index = position > 0 ? position - 1 : size + position;
                if (index < 0 || index >= size) continue;
                var time = days[(int)(index / _times.PerDay)] + _times.Nth((int)(index % _times.PerDay));
                if (time > floor && (best is null || time < best)) best = time;
            }
            if (best is not null) return best;
        }
        return null;
    }
}
