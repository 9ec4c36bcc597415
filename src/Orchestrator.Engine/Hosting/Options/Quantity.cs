using System.Globalization;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>Durations (<c>250ms 30s 5m 2h 1d</c>, a bare number is seconds) and sizes (<c>4096</c>, <c>64KiB</c>, <c>10MiB</c>, <c>1GiB</c>) in configuration.</summary>
internal static class Quantity
{
    private static readonly (string Unit, double Seconds)[] Times = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)];
    private static readonly (string Unit, long Bytes)[] Sizes = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("B", 1), ("", 1)];

    public static bool TryDuration(string text, out TimeSpan value)
    {
        value = default;
        foreach (var (unit, seconds) in Times)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            if (number * seconds > TimeSpan.FromDays(3650).TotalSeconds) return false;
            value = TimeSpan.FromSeconds(number * seconds);
            return true;
        }
        return false;
    }

    public static bool TrySize(string text, out long value)
    {
        value = 0;
        foreach (var (unit, bytes) in Sizes)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            if (number > long.MaxValue / bytes) return false;
            value = number * bytes;
            return true;
        }
        return false;
    }
}
