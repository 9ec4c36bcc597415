namespace Orchestrator.Core.Statistics;

/// <summary>
/// Whether a workflow or task has become slower: the latest completed durations against those before them, by medians, so that a few outliers decide nothing.
/// </summary>
/// <param name="RecentMs">Median of the latest durations (m).</param>
/// <param name="BaselineMs">Median of those before (M).</param>
/// <param name="Ratio">m / M; null where M is 0.</param>
/// <param name="Score">(m - M) / max(1.4826 MAD, 0.05 M, 1 ms): how many robust standard deviations the change is.</param>
public sealed record DurationRegression(double RecentMs, double BaselineMs, double? Ratio, double Score)
{
    /// <summary>Durations that count as the latest.</summary>
    public const int RecentSamples = 20;

    /// <summary>Durations before them that count as the baseline.</summary>
    public const int BaselineSamples = 200;

    /// <summary>Fewest latest durations.</summary>
    public const int MinRecent = 5;

    /// <summary>Fewest durations of the baseline.</summary>
    public const int MinBaseline = 30;

    /// <summary>Smallest ratio of a regression.</summary>
    public const double MinRatio = 1.2;

    /// <summary>A regression's score is above this.</summary>
    public const double MinScore = 3.5;

    // MAD times this estimates the standard deviation of normally distributed samples.
    private const double NormalMad = 1.4826;

    /// <summary>m &gt;= 1.2 M and the score is above 3.5.</summary>
    public bool IsRegression => RecentMs >= MinRatio * BaselineMs && Score > MinScore;

    /// <summary>The comparison of the first 20 with the 200 after them; null where there are too few of either.</summary>
    /// <param name="newestFirst">Durations of completed runs or tasks in milliseconds, the latest first; more than 220 are not looked at.</param>
    public static DurationRegression? Of(ReadOnlySpan<double> newestFirst)
    {
        var recent = newestFirst[..Math.Min(RecentSamples, newestFirst.Length)];
        var before = newestFirst[recent.Length..];
        return Of(recent, before[..Math.Min(BaselineSamples, before.Length)]);
    }

    /// <summary>The comparison of two sets; null where the first has fewer than 5 samples or the second fewer than 30.</summary>
    public static DurationRegression? Of(ReadOnlySpan<double> recent, ReadOnlySpan<double> baseline)
    {
        if (recent.Length < MinRecent || baseline.Length < MinBaseline) return null;
        var now = Percentiles.Median(Percentiles.Sorted(recent));
        var sorted = Percentiles.Sorted(baseline);
        var before = Percentiles.Median(sorted);
        for (var i = 0; i < sorted.Length; i++) sorted[i] = Math.Abs(sorted[i] - before);
        Array.Sort(sorted);
        var spread = Math.Max(NormalMad * Percentiles.Median(sorted), Math.Max(0.05 * before, 1));
        return new(now, before, before > 0 ? now / before : null, (now - before) / spread);
    }
}
