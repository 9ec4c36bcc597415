using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Metrics;

/// <summary>What the processes of attempts used. Attempts of which that is not known are not counted: nothing is recorded as 0 that was not 0.</summary>
internal sealed class UsageInstruments(Meter meter)
{
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [.005, .01, .05, .1, .5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600] };
    private static readonly InstrumentAdvice<long> Bytes = new()
    {
        HistogramBucketBoundaries = [16L << 20, 32L << 20, 64L << 20, 128L << 20, 256L << 20, 512L << 20, 1L << 30, 2L << 30, 4L << 30, 8L << 30, 16L << 30, 32L << 30, 64L << 30],
    };

    private readonly Histogram<double> _cpu = meter.CreateHistogram(TelemetryNames.TaskCpuTime, "s", "Processor time of single attempts' processes, with all descendants they waited for.", null, Seconds);
    private readonly Histogram<long> _memory = meter.CreateHistogram(TelemetryNames.TaskMemoryPeak, "By", "Largest known resident size of a process of single attempts.", null, Bytes);

    /// <param name="labels">Those of the attempt's duration.</param>
    public void Record(ProcessUsage usage, in TagList labels)
    {
        _cpu.Record(usage.CpuMs / 1000, labels);
        if (usage.PeakMemoryBytes is { } peak) _memory.Record(peak, labels);
    }
}
