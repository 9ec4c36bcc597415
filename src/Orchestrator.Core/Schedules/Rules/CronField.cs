using System.Globalization;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>One field of a rule: its name, its values and how they are spelled. Reads lists, ranges and steps.</summary>
internal sealed record CronField(string Name, int Min, int Max, bool Wraps, params string[] Words)
{
    private static readonly string[] MonthWords = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] DayWords = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    public static CronField Second(bool wraps) => new("second", 0, 59, wraps);
    public static CronField Minute(bool wraps) => new("minute", 0, 59, wraps);
    public static CronField Hour(bool wraps) => new("hour", 0, 23, wraps);
    public static CronField DayOfMonth(bool wraps) => new("day-of-month", 1, 31, wraps);
    public static CronField Month(bool wraps) => new("month", 1, 12, wraps, MonthWords);
    public static CronField UnixWeekday { get; } = new("day-of-week", 0, 7, false, DayWords);
    public static CronField QuartzWeekday { get; } = new("day-of-week", 1, 7, true, DayWords);
    public static CronField Year { get; } = new("year", 1970, 2199, false);

    public string Allowed => Words.Length == 0 ? $"{Min}-{Max}" : $"{Min}-{Max} or {Words[0]}-{Words[^1]}";

    /// <summary>Adds the values of one item (<c>5</c>, <c>1-5</c>, <c>*/2</c>, <c>3/10</c>); returns what is wrong with it.</summary>
    public string? AddItem(string item, ISet<int> values)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? item : item[..slash];
        var step = 1;
        if (slash >= 0 && (!TryNumber(item[(slash + 1)..], out step) || step < 1 || step > StepLimit))
            return $"{Name} '{item}': the step must be 1-{StepLimit}.";

        int from, to;
        if (range == "*") (from, to) = (Min, Max);
        else if (range.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash)
        {
            if (ReadValue(range[..dash], out from) is { } low) return low;
            if (ReadValue(range[(dash + 1)..], out to) is { } high) return high;
            // In `FRI-SUN` of the Unix form Sunday is the seventh day.
            if (to == 0 && Min == 0 && Max == 7 && from > 0) to = 7;
            if (from > to && !Wraps) return $"{Name} '{item}': the range begins after it ends; allowed {Allowed}, smaller first.";
        }
        else
        {
            if (ReadValue(range, out from) is { } wrong) return wrong;
            to = slash < 0 ? from : Max;
        }

        var length = to >= from ? to - from : to - from + (Max - Min + 1);
        for (var i = 0; i <= length; i += step) values.Add(Min + (from - Min + i) % (Max - Min + 1));
        return null;
    }

    /// <summary>Reads a number or a name of this field; returns what is wrong with it.</summary>
    public string? ReadValue(string text, out int value)
    {
        var word = Array.FindIndex(Words, w => w.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (word >= 0)
        {
            value = word + (Max == 7 && Min == 0 ? 0 : Min);
            return null;
        }
        if (!TryNumber(text, out value)) return $"{Name} '{text}' is not a value: allowed {Allowed}.";
        return value < Min || value > Max ? $"{Name} '{text}' is out of range: allowed {Allowed}." : null;
    }

    public static bool TryNumber(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private int StepLimit => Min == 0 ? Max : Max - Min + 1;
}
