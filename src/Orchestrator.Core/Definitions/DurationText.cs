using System.Buffers;
using System.Globalization;
using System.Text;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Durations as people write them: a number and a unit (<c>250ms 30s 5m 2h 1d</c>), several of them from large to small
/// (<c>1h30m</c>), or a bare number of seconds. Never negative.
/// </summary>
public static class DurationText
{
    private static readonly (string Name, long Ticks)[] s_units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration; false for anything else, overflow included.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        text = text.Trim();
        if (text.IsEmpty) return false;
        if (TryNumber(text, out var seconds)) return TryTicks(seconds, TimeSpan.TicksPerSecond, ref duration);

        var largest = 0;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(s_digits);
            if (digits <= 0 || !TryNumber(text[..digits], out var number)) return false;
            text = text[digits..];
            var letters = text.IndexOfAny(s_digits) is >= 0 and var end ? text[..end] : text;
            var unit = largest;
            while (unit < s_units.Length && !letters.SequenceEqual(s_units[unit].Name)) unit++;
            if (unit == s_units.Length || !TryTicks(number, s_units[unit].Ticks, ref duration)) return false;
            largest = unit + 1;
            text = text[letters.Length..];
        }
        return true;
    }

    /// <summary>The shortest exact text, for example <c>1h30m</c>; what <see cref="TryParse"/> reads back unchanged.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        if (duration == TimeSpan.Zero) return "0s";
        var text = new StringBuilder();
        var ticks = duration.Ticks;
        foreach (var (name, unit) in s_units)
        {
            if (ticks >= unit) text.Append(CultureInfo.InvariantCulture, $"{ticks / unit}{name}");
            ticks %= unit;
        }
        // Less than a millisecond is left: it joins the milliseconds as their fraction.
        if (ticks == 0) return text.ToString();
        var ms = duration.Ticks % TimeSpan.TicksPerSecond / (decimal)TimeSpan.TicksPerMillisecond;
        var whole = duration.Ticks - duration.Ticks % TimeSpan.TicksPerSecond;
        return (whole == 0 ? "" : Format(new(whole))) + ms.ToString("0.####", CultureInfo.InvariantCulture) + "ms";
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static bool TryTicks(decimal number, long unit, ref TimeSpan sum)
    {
        if (number > (decimal)long.MaxValue / unit) return false;
        var ticks = (long)decimal.Round(number * unit);
        if (ticks > TimeSpan.MaxValue.Ticks - sum.Ticks) return false;
        sum += new TimeSpan(ticks);
        return true;
    }
}
