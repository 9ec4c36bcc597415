namespace Orchestrator.Core.Statistics;

/// <summary>When a running run is likely to end, by the durations of completed ones.</summary>
/// <param name="Samples">Completed runs it is taken from, at least 1.</param>
/// <param name="Likely">Start and their p50.</param>
/// <param name="Latest">Start and their p95.</param>
/// <param name="IsAtRisk">It has taken longer than their p95.</param>
public sealed record ExpectedEnd(int Samples, DateTimeOffset Likely, DateTimeOffset Latest, bool IsAtRisk)
{
    /// <summary>The expectation; null where no run completed, or a duration leads beyond the calendar.</summary>
    /// <param name="startedAt">Start of the run.</param>
    /// <param name="now">Now.</param>
    /// <param name="sorted">Durations of completed runs in milliseconds, ascending.</param>
    public static ExpectedEnd? Of(DateTimeOffset startedAt, DateTimeOffset now, ReadOnlySpan<double> sorted) =>
        Percentiles.NearestRank(sorted, 50) is { } usual && Percentiles.NearestRank(sorted, 95) is { } long95
        && After(startedAt, usual) is { } likely && After(startedAt, long95) is { } latest
            ? new(sorted.Length, likely, latest, now > latest) : null;

    private static DateTimeOffset? After(DateTimeOffset start, double milliseconds) =>
        milliseconds >= 0 && milliseconds < (DateTimeOffset.MaxValue - start).TotalMilliseconds ? start.AddMilliseconds(milliseconds) : null;
}
