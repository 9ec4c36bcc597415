using System.Globalization;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Sizes as people write them: <c>4096</c>, <c>512B</c>, <c>64KiB</c>, <c>10MiB</c>, <c>1GiB</c>, <c>2TiB</c>;
/// fractions such as <c>1.5MiB</c> too. Never negative.
/// </summary>
public static class SizeText
{
    private static readonly (string Unit, long Bytes)[] s_units =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("B", 1), ("", 1)];

    /// <summary>Reads a size in bytes; false for anything else, overflow and fractions of a byte included.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        foreach (var (unit, factor) in s_units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!decimal.TryParse(text[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            if (number > long.MaxValue / factor || number * factor is var size && size != decimal.Truncate(size)) return false;
            bytes = (long)(number * factor);
            return true;
        }
        return false;
    }

    /// <summary>The size with the largest unit that divides it, as <see cref="TryParse"/> reads it: 65536 is <c>64KiB</c>.</summary>
    public static string Format(long bytes)
    {
        for (var i = 3; i >= 0; i--)
            if (bytes > 0 && bytes % s_units[i].Bytes == 0) return string.Create(CultureInfo.InvariantCulture, $"{bytes / s_units[i].Bytes}{s_units[i].Unit}");
        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
