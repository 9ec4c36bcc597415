using System.Numerics;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>Which days a recurrence means, and which periods (years, months, weeks, days) it counts.</summary>
internal sealed class RecurrenceDays
{
    private readonly RecurrenceParts _parts;
    private readonly DateTime _start;
    private readonly bool _inYear;
    private readonly int _months;
    private readonly int _plainWeekdays;
    private readonly uint[] _monthDays;
    private readonly RecurringWeekday[] _counted;

    public RecurrenceDays(RecurrenceParts parts, DateTime start)
    {
        _parts = parts = Complete(parts, start);
        _start = start.Date;
        _months = parts.Months.Aggregate(0, (mask, month) => mask | 1 << month);
        _plainWeekdays = parts.Weekdays.Where(w => w.Nth == 0).Aggregate(0, (mask, w) => mask | 1 << (int)w.Day);
        _counted = [.. parts.Weekdays.Where(w => w.Nth != 0)];
        _monthDays = parts.MonthDays.Length == 0 ? [] : [.. Enumerable.Range(28, 4).Select(length =>
            parts.MonthDays.Select(d => d > 0 ? d : length + 1 + d).Where(d => d >= 1 && d <= length).Aggregate(0u, (mask, d) => mask | 1u << d))];
        // The nth weekday of what: of the month, where months are named or counted.
        _inYear = parts.Frequency == Frequency.Yearly && parts.Months.Length == 0;
    }

    /// <summary>The first day of the next period that counts, where a day's own does not.</summary>
    public DateTime? NextPeriod(DateTime day) => _parts.Frequency switch
    {
        Frequency.Yearly when Rest(day.Year - _start.Year) is > 0 and var years => Date(day.Year + years, 1),
        Frequency.Monthly when Rest((day.Year - _start.Year) * 12 + day.Month - _start.Month) is > 0 and var months =>
            Date(day.Year + (day.Month - 1 + months) / 12, (day.Month - 1 + months) % 12 + 1),
        Frequency.Weekly when Rest((Week(day) - Week(_start)).Days / 7) is > 0 and var weeks => Add(Week(day), weeks * 7L),
        Frequency.Daily when Rest((day - _start).Days) is > 0 and var days => Add(day, days),
        _ => null,
    };

    /// <summary>The first day of the next month, where a day's own is not named.</summary>
    public DateTime? NextMonth(DateTime day) =>
        _months == 0 || (_months >> day.Month & 1) != 0 ? null : day.Month == 12 ? Date(day.Year + 1, 1) : Date(day.Year, day.Month + 1);

    /// <summary>The next day to look at, where days of the month are named.</summary>
    public DateTime NextDay(DateTime day)
    {
        if (_monthDays.Length == 0) return day.AddDays(1);
        var length = DateTime.DaysInMonth(day.Year, day.Month);
        var rest = day.Day == 31 ? 0 : _monthDays[length - 28] >> (day.Day + 1);
        return day.AddDays(rest == 0 ? length - day.Day + 1 : BitOperations.TrailingZeroCount(rest) + 1);
    }

    public bool Matches(DateTime day)
    {
        if (_months != 0 && (_months >> day.Month & 1) == 0) return false;
        if (_monthDays.Length > 0 && (_monthDays[DateTime.DaysInMonth(day.Year, day.Month) - 28] >> day.Day & 1) == 0) return false;
        if (_parts.Weekdays.Length > 0 && !WeekdayMatches(day)) return false;
        if (_parts.YearDays.Length > 0 && !Listed(_parts.YearDays.AsSpan(), day.DayOfYear, DaysIn(day.Year))) return false;
        return _parts.Weeks.Length == 0 || WeekMatches(day);
    }

    public DateTime PeriodOf(DateTime day) => _parts.Frequency switch
    {
        Frequency.Yearly => Date(day.Year, 1),
        Frequency.Monthly => Date(day.Year, day.Month),
        _ => Week(day),
    };

    public DateTime PeriodAfter(DateTime period) => NextPeriod(PeriodEnd(period)) is { } later && later.Year <= Recurrence.LatestYear ? PeriodOf(later) : PeriodEnd(period);

    public List<DateTime> InPeriod(DateTime period)
    {
        var days = new List<DateTime>();
        var end = PeriodEnd(period);
        for (var day = period; day < end; day = day.AddDays(1))
            if (Matches(day)) days.Add(day);
        return days;
    }

    private DateTime PeriodEnd(DateTime period) => _parts.Frequency switch
    {
        Frequency.Yearly => Date(period.Year + 1, 1),
        Frequency.Monthly => period.AddMonths(1),
        _ => period.AddDays(7),
    };

    // What the rule leaves open is taken from its start.
    private static RecurrenceParts Complete(RecurrenceParts parts, DateTime start)
    {
        var open = parts is { Weekdays.Length: 0, MonthDays.Length: 0, YearDays.Length: 0 };
        return parts.Frequency switch
        {
            Frequency.Yearly when open && parts.Weeks.Length > 0 => parts with { Weekdays = [new(start.DayOfWeek, 0)] },
            Frequency.Yearly when open => parts with { MonthDays = [start.Day], Months = parts.Months.Length > 0 ? parts.Months : [start.Month] },
            Frequency.Monthly when open => parts with { MonthDays = [start.Day] },
            Frequency.Weekly when open => parts with { Weekdays = [new(start.DayOfWeek, 0)] },
            _ => parts,
        };
    }

    private bool WeekdayMatches(DateTime day)
    {
        if ((_plainWeekdays >> (int)day.DayOfWeek & 1) != 0) return true;
        foreach (var counted in _counted)
        {
            if (counted.Day != day.DayOfWeek) continue;
            var (at, length) = _inYear ? (day.DayOfYear, DaysIn(day.Year)) : (day.Day, DateTime.DaysInMonth(day.Year, day.Month));
            if (counted.Nth == (counted.Nth > 0 ? (at - 1) / 7 + 1 : -((length - at) / 7 + 1))) return true;
        }
        return false;
    }

    private bool WeekMatches(DateTime day)
    {
        // The fourth day of a week lies in the year the week belongs to.
        var middle = Week(day).AddDays(3);
        var week = (middle.DayOfYear - 1) / 7 + 1;
        return Listed(_parts.Weeks.AsSpan(), week, (FirstWeek(middle.Year + 1) - FirstWeek(middle.Year)).Days / 7);
    }

    private DateTime FirstWeek(int year) => Week(new DateTime(year, 1, 4));

    private DateTime Week(DateTime day) => day.AddDays(-((int)day.DayOfWeek - (int)_parts.WeekStart + 7) % 7);

    private static bool Listed(ReadOnlySpan<int> list, int at, int length)
    {
        foreach (var n in list)
            if (n == at || n == at - length - 1) return true;
        return false;
    }

    private int Rest(int distance)
    {
        var rest = distance % _parts.Interval;
        return rest == 0 ? 0 : rest < 0 ? -rest : _parts.Interval - rest;
    }

    private static DateTime Date(int year, int month) => year > 9990 ? new(9990, 1, 1) : new(year, month, 1);

    private static DateTime Add(DateTime day, long days) => days > (new DateTime(9990, 1, 1) - day).Days ? new(9990, 1, 1) : day.AddDays(days);

    private static int DaysIn(int year) => DateTime.IsLeapYear(year) ? 366 : 365;
}
