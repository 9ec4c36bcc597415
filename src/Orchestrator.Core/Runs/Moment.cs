namespace Orchestrator.Core.Runs;

/// <summary>
/// A point in time on both clocks: the wall's, which is journaled, and the process's monotonic one, which is not.
/// </summary>
/// <param name="Utc">Wall clock.</param>
/// <param name="MonotonicMs">Milliseconds of this process's monotonic clock; NaN for a moment of another process.</param>
public readonly record struct Moment(DateTimeOffset Utc, double MonotonicMs)
{
    /// <summary>
    /// Milliseconds from <paramref name="earlier"/> to here: monotonic where both belong to this process, else by the wall
    /// clock, and never negative.
    /// </summary>
    public double Since(Moment earlier)
    {
        var monotonic = MonotonicMs - earlier.MonotonicMs;
        return Math.Round(Math.Max(0, double.IsNaN(monotonic) ? (Utc - earlier.Utc).TotalMilliseconds : monotonic), 3);
    }

    /// <summary>Whether a duration from <paramref name="earlier"/> to here spans two processes.</summary>
    public bool IsResumedSince(Moment earlier) => double.IsNaN(MonotonicMs - earlier.MonotonicMs);
}
