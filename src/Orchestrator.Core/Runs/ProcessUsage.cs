namespace Orchestrator.Core.Runs;

/// <summary>
/// What the process of an attempt used, as the kernel accounts it when the process is reaped: the process itself, its threads, and every
/// descendant that was waited for by then. It does not include descendants that no process waited for (abandoned, or adopted by init).
/// </summary>
/// <param name="CpuUserMs">Milliseconds of processor time outside the kernel, of all of them together.</param>
/// <param name="CpuSystemMs">Milliseconds of processor time within the kernel, of all of them together.</param>
/// <param name="PeakMemoryBytes">
/// Largest resident size that any one of them is known to have had: of an ended process if it lies above the worker's own peak (Linux gives a new
/// process the peak of the worker that started it, so that smaller ones cannot be told from that), and of each process of the attempt's group as of
/// the last look, each second, while it lived. What grew and ended between two looks can have been larger. Null where neither tells: a process of less
/// than a second with less memory than the worker.
/// </param>
/// <param name="DiskReadBytes">Bytes fetched from storage; reads that the page cache answers are not among them. In steps of 512.</param>
/// <param name="DiskWriteBytes">Bytes that are to go to storage, counted when pages become dirty. In steps of 512.</param>
public sealed record ProcessUsage(double CpuUserMs, double CpuSystemMs, long? PeakMemoryBytes, long DiskReadBytes, long DiskWriteBytes)
{
    /// <summary>Both kinds of processor time.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double CpuMs => CpuUserMs + CpuSystemMs;

    /// <summary>Two attempts together: times and bytes add up, of the peaks the larger one counts; unknown as soon as one of them is.</summary>
    public static ProcessUsage? Sum(ProcessUsage? a, ProcessUsage? b) => a is null ? b : b is null ? a : new(
        Math.Round(a.CpuUserMs + b.CpuUserMs, 3), Math.Round(a.CpuSystemMs + b.CpuSystemMs, 3),
        a.PeakMemoryBytes is { } first && b.PeakMemoryBytes is { } second ? Math.Max(first, second) : null,
        a.DiskReadBytes + b.DiskReadBytes, a.DiskWriteBytes + b.DiskWriteBytes);
}
