namespace Orchestrator.Core.Statistics;

/// <summary>Percentiles by nearest rank on the raw samples: always one of them, never a value in between.</summary>
public static class Percentiles
{
    /// <summary>Element <c>(n*p+99)/100</c> of the sorted samples, counted from 1; null where there are none.</summary>
    /// <param name="sorted">The samples, ascending.</param>
    /// <param name="percent">From 0 to 100; 0 gives the smallest.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="percent"/> is not in that range.</exception>
    public static double? NearestRank(ReadOnlySpan<double> sorted, int percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        if (sorted.IsEmpty) return null;
        var rank = (((long)sorted.Length * percent) + 99) / 100;
        return sorted[(int)Math.Max(1, rank) - 1];
    }

    /// <summary>The mean; null where there are no samples.</summary>
    public static double? Mean(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty) return null;
        var sum = 0.0;
        foreach (var sample in samples) sum += sample;
        return sum / samples.Length;
    }

    /// <summary>The samples in ascending order, as <see cref="NearestRank"/> needs them.</summary>
    public static double[] Sorted(ReadOnlySpan<double> samples)
    {
        var sorted = samples.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    // The lower one of the two in the middle: the same value that is shown as p50.
    internal static double Median(ReadOnlySpan<double> sorted) =>
        NearestRank(sorted, 50) ?? throw new ArgumentException("There are no samples.", nameof(sorted));
}
