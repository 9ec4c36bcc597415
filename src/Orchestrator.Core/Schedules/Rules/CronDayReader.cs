using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>Reads the two day fields of a rule, with the letters of the Quartz dialect.</summary>
internal static class CronDayReader
{
    public static CronDays Read(string date, string weekday, bool quartz, ref string? problem)
    {
        if (!quartz && QuartzOnly(date, weekday) is { } letter)
            problem ??= $"day-of-month '{date}' and day-of-week '{weekday}': '{letter}' belongs to the form with seconds. "
                + "Put the second first (6 fields, such as '0 0 12 L * ?', where weekday 1 is Sunday); in 5 fields '*' is any day.";
        if (quartz && date == "?" && weekday == "?")
            problem ??= "day-of-month and day-of-week are both '?': at most one of them can be left open so; write '*' in the other.";

        var moving = ImmutableArray.CreateBuilder<MonthDay>();
        var counted = ImmutableArray.CreateBuilder<CountedWeekday>();
        return new CronDays
        {
            Dates = Dates(date, quartz, moving, ref problem),
            Weekdays = Weekdays(weekday, quartz, counted, ref problem),
            Moving = moving.ToImmutable(),
            Counted = counted.ToImmutable(),
        };
    }

    // The names of months and weekdays have these letters too: W of WED.
    private static string? QuartzOnly(string date, string weekday)
    {
        if ((date + weekday).AsSpan().IndexOfAny("?#") is >= 0 and var at) return (date + weekday)[at].ToString();
        if (date.AsSpan().IndexOfAny("Ll") >= 0) return "L";
        if (date.AsSpan().IndexOfAny("Ww") >= 0) return "W";
        return weekday.Split(',').Any(item => item.EndsWith('L') || item.EndsWith('l')) ? "L" : null;
    }

    private static uint? Dates(string text, bool quartz, ImmutableArray<MonthDay>.Builder moving, ref string? problem)
    {
        if (text is "*" or "?") return null;
        var field = CronField.DayOfMonth(quartz);
        var values = new HashSet<int>();
        foreach (var item in text.Split(','))
        {
            if (quartz && TryMoving(field, item, out var day, ref problem)) moving.Add(day);
            else problem ??= field.AddItem(item, values);
        }
        return values.Aggregate(0u, (mask, day) => mask | 1u << day);
    }

    private static uint? Weekdays(string text, bool quartz, ImmutableArray<CountedWeekday>.Builder counted, ref string? problem)
    {
        if (text is "*" or "?") return null;
        var field = quartz ? CronField.QuartzWeekday : CronField.UnixWeekday;
        var first = quartz ? 1 : 0;
        var values = new HashSet<int>();
        foreach (var item in text.Split(','))
        {
            if (quartz && item is "L" or "l") values.Add(7);
            else if (quartz && TryCounted(field, item, out var weekday, ref problem)) counted.Add(weekday);
            else problem ??= field.AddItem(item, values);
        }
        return values.Aggregate(0u, (mask, day) => mask | 1u << (day - first) % 7);
    }

    // L  L-3  LW  LW-2  L-3W  15W
    private static bool TryMoving(CronField field, string item, out MonthDay day, ref string? problem)
    {
        day = default;
        var text = item.ToUpperInvariant();
        if (text.EndsWith('W') && !text.StartsWith('L'))
        {
            var wrong = field.ReadValue(text[..^1], out var date);
            problem ??= wrong;
            day = new(date, 0, Workday: true, 0);
            return true;
        }
        if (!text.StartsWith('L')) return false;

        var (before, then) = (0, 0);
        var known = text switch
        {
            "L" or "LW" => true,
            _ when text.StartsWith("LW-", StringComparison.Ordinal) => CronField.TryNumber(text[3..], out then),
            _ when text.StartsWith("L-", StringComparison.Ordinal) => CronField.TryNumber(text[2..].TrimEnd('W'), out before),
            _ => false,
        };
        if (!known || before > 30 || then > 30)
            problem ??= $"day-of-month '{item}' is not a value: allowed L, LW, and L or LW less 1-30 days, such as L-3.";
        day = new(0, before, text.Contains('W', StringComparison.Ordinal), then);
        return true;
    }

    // 6#3  FRI#3  6L  FRIL
    private static bool TryCounted(CronField field, string item, out CountedWeekday weekday, ref string? problem)
    {
        weekday = default;
        var hash = item.IndexOf('#', StringComparison.Ordinal);
        var last = hash < 0 && item.Length > 1 && item[^1] is 'L' or 'l';
        if (hash < 0 && !last) return false;
        var wrong = field.ReadValue(last ? item[..^1] : item[..hash], out var day);
        var nth = 0;
        if (!last && (!CronField.TryNumber(item[(hash + 1)..], out nth) || nth is < 1 or > 5))
            wrong ??= $"day-of-week '{item}': behind # stands which one of the month, 1-5.";
        problem ??= wrong;
        weekday = new(day - 1, nth);
        return true;
    }
}
