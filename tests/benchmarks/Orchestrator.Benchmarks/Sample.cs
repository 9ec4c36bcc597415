namespace Orchestrator.Benchmarks;

/// <summary>One measurement. Commits and events are counted, not estimated; both are 0 where nobody counts.</summary>
/// <param name="Seconds">From the first submission to the last end.</param>
/// <param name="CpuSeconds">Of this process meanwhile, all threads.</param>
/// <param name="AllocatedBytes">On the managed heap meanwhile.</param>
internal sealed record Sample(double[] LatenciesMs, double Seconds, double CpuSeconds, long AllocatedBytes, long Commits, long Events)
{
    /// <summary>For work that nobody waited for but that has to keep up: archives.</summary>
    public double AfterSeconds { get; init; }

    /// <summary>Spans and log records that were lost; null where nothing is exported.</summary>
    public long? Dropped { get; init; }

    public double Rate => LatenciesMs.Length / Seconds;

    public double CpuMicroseconds => CpuSeconds * 1e6 / LatenciesMs.Length;

    public double P50 => Rank(0.50);

    public double P99 => Rank(0.99);

    public double Max => LatenciesMs.Max();

    /// <summary>Nearest rank on the raw samples.</summary>
    private double Rank(double q)
    {
        Array.Sort(LatenciesMs);
        return LatenciesMs[Math.Max(0, (int)Math.Ceiling(q * LatenciesMs.Length) - 1)];
    }
}
