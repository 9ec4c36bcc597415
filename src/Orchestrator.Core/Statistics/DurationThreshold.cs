namespace Orchestrator.Core.Statistics;

/// <summary>From which duration on a task or run takes longer than expected.</summary>
public static class DurationThreshold
{
    /// <summary>Fewest samples of the window before that a threshold is taken from.</summary>
    public const int MinSamples = 20;

    /// <summary>Milliseconds: the SLA, else the p95 of the window before; null where there are fewer than <see cref="MinSamples"/>.</summary>
    /// <param name="slaMs">The expected duration of the definition; null: none.</param>
    /// <param name="sortedBefore">Durations of what completed in the window before, ascending.</param>
    public static double? Of(double? slaMs, ReadOnlySpan<double> sortedBefore) =>
        slaMs ?? (sortedBefore.Length >= MinSamples ? Percentiles.NearestRank(sortedBefore, 95) : null);

    /// <summary>How many durations are greater than the threshold; null where there is none.</summary>
    public static int? CountOver(ReadOnlySpan<double> durations, double? threshold)
    {
        if (threshold is not { } most) return null;
        var over = 0;
        foreach (var duration in durations)
            if (duration > most) over++;
        return over;
    }
}
