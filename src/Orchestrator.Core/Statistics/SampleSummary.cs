namespace Orchestrator.Core.Statistics;

/// <summary>What a set of durations says, in their own unit; null where there are none.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">Median, by nearest rank as the others.</param>
/// <param name="P95">95th percentile.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="Max">The largest.</param>
public sealed record SampleSummary(int Count, double? Mean, double? P50, double? P95, double? P99, double? Max)
{
    /// <summary>Nothing.</summary>
    public static SampleSummary Empty { get; } = new(0, null, null, null, null, null);

    /// <summary>The summary of samples in any order.</summary>
    public static SampleSummary Of(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty) return Empty;
        var sorted = Percentiles.Sorted(samples);
        return new(sorted.Length, Percentiles.Mean(sorted), Percentiles.NearestRank(sorted, 50), Percentiles.NearestRank(sorted, 95), Percentiles.NearestRank(sorted, 99), sorted[^1]);
    }
}
