using System.Collections.Immutable;
using System.Numerics;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>A parsed rule: a bit per allowed value. Works on local times only.</summary>
internal sealed record CronFields
{
    // The calendar repeats after 400 years: a date that is not found within them does not exist.
    private const int CalendarCycle = 400;
    private const int LatestYear = 9000;

    public required ulong Seconds { get; init; }
    public required ulong Minutes { get; init; }
    public required ulong Hours { get; init; }
    public required ulong Months { get; init; }
    public required CronDays Days { get; init; }

    /// <summary>Allowed years; null: all.</summary>
    public ImmutableHashSet<int>? Years { get; init; }

    public bool AtLeastHourly => NamedHours.AtLeastHourly(Hours, BitOperations.PopCount(Minutes) * BitOperations.PopCount(Seconds));

    /// <summary>The first matching local time after <paramref name="floor"/> (strictly), in whole seconds.</summary>
    public DateTime? After(DateTime floor)
    {
        if (floor.Year > LatestYear) return null;
        var start = new DateTime(floor.Ticks - floor.Ticks % TimeSpan.TicksPerSecond).AddSeconds(1);
        for (var year = start.Year; year <= start.Year + CalendarCycle && year <= LatestYear; year++)
        {
            if (Years?.Contains(year) == false) continue;
            for (var month = year == start.Year ? start.Month : 1; month <= 12; month++)
            {
                if ((Months >> month & 1) == 0) continue;
                for (var days = Days.Of(year, month); days != 0; days &= days - 1)
                {
                    var date = new DateTime(year, month, BitOperations.TrailingZeroCount(days));
                    if (date < start.Date) continue;
                    if (TimeFrom(date == start.Date ? start : date) is { } time) return date + time;
                }
            }
        }
        return null;
    }

    private TimeSpan? TimeFrom(DateTime start)
    {
        for (var hour = Bit(Hours, start.Hour); hour < 24; hour = Bit(Hours, hour + 1))
        {
            var sameHour = hour == start.Hour;
            for (var minute = Bit(Minutes, sameHour ? start.Minute : 0); minute < 60; minute = Bit(Minutes, minute + 1))
            {
                var second = Bit(Seconds, sameHour && minute == start.Minute ? start.Second : 0);
                if (second < 60) return new TimeSpan(hour, minute, second);
            }
        }
        return null;
    }

    private static int Bit(ulong mask, int from) => from > 63 ? 64 : BitOperations.TrailingZeroCount(mask >> from << from);
}
