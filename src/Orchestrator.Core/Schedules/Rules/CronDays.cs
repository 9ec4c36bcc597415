using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>Which days of a month a rule means: the union of its day-of-month and its day-of-week, where they are restricted.</summary>
internal sealed record CronDays
{
    /// <summary>Days 1 to 31 as bits; null: not restricted.</summary>
    public uint? Dates { get; init; }

    /// <summary>Weekdays as bits, Sunday is bit 0; null: not restricted.</summary>
    public uint? Weekdays { get; init; }

    /// <summary>Days of the month that depend on the month.</summary>
    public ImmutableArray<MonthDay> Moving { get; init; } = [];

    /// <summary>Weekdays counted within the month.</summary>
    public ImmutableArray<CountedWeekday> Counted { get; init; } = [];

    /// <summary>The days of a month as bits 1 to 31.</summary>
    public uint Of(int year, int month)
    {
        var last = DateTime.DaysInMonth(year, month);
        var all = (uint)((1UL << (last + 1)) - 2);
        if (Dates is null && Weekdays is null) return all;

        var days = Dates ?? 0;
        foreach (var moving in Moving) days |= moving.In(year, month);
        foreach (var counted in Counted) days |= counted.In(year, month);
        if (Weekdays is { } weekdays)
        {
            var weekday = (int)new DateTime(year, month, 1).DayOfWeek;
            for (var day = 1; day <= last; day++, weekday = (weekday + 1) % 7)
                days |= (weekdays >> weekday & 1) << day;
        }
        return days & all;
    }
}

/// <summary><c>L</c>, <c>L-3</c>, <c>15W</c>, <c>LW</c>, <c>LW-2</c>.</summary>
/// <param name="Day">A day of the month; 0: its last.</param>
/// <param name="Before">Days to go back from it.</param>
/// <param name="Workday">Take the nearest Monday to Friday of the same month.</param>
/// <param name="Then">Days to go back from there; these may end on a weekend.</param>
internal readonly record struct MonthDay(int Day, int Before, bool Workday, int Then)
{
    public uint In(int year, int month)
    {
        var last = DateTime.DaysInMonth(year, month);
        var day = (Day == 0 ? last : Day) - Before;
        if (day < 1 || day > last) return 0;
        if (Workday) day = Nearest(year, month, day, last);
        day -= Then;
        return day < 1 ? 0 : 1u << day;
    }

    private static int Nearest(int year, int month, int day, int last) => new DateTime(year, month, day).DayOfWeek switch
    {
        DayOfWeek.Saturday => day == 1 ? 3 : day - 1,
        DayOfWeek.Sunday => day == last ? day - 2 : day + 1,
        _ => day,
    };
}

/// <summary><c>6#3</c> and <c>6L</c>.</summary>
/// <param name="Weekday">0 is Sunday.</param>
/// <param name="Nth">1 to 5; 0: the last.</param>
internal readonly record struct CountedWeekday(int Weekday, int Nth)
{
    public uint In(int year, int month)
    {
        var first = 1 + (Weekday - (int)new DateTime(year, month, 1).DayOfWeek + 7) % 7;
        var last = DateTime.DaysInMonth(year, month);
        var day = Nth == 0 ? first + (last - first) / 7 * 7 : first + (Nth - 1) * 7;
        return day > last ? 0 : 1u << day;
    }
}
