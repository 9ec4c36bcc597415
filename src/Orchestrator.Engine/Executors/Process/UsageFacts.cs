using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Reads the kernel's <c>struct rusage</c> of a reaped process. It comes with the wait itself: nothing is polled and no call is added.</summary>
internal static unsafe class UsageFacts
{
    /// <summary>Longs in a <c>struct rusage</c> of 64-bit Linux.</summary>
    public const int Size = 18;

    private const int Self = 0, Peak = 4, BlocksIn = 11, BlocksOut = 12, BlockSize = 512;

    /// <summary>
    /// The most memory this worker has held, in KiB. A process starts as a copy of the worker, and Linux counts that towards the process's own
    /// peak: what is not above this number says nothing about the process.
    /// </summary>
    public static long OwnPeak()
    {
        var usage = stackalloc long[Size];
        return Libc.UsageOf(Self, usage) == 0 ? usage[Peak] : long.MaxValue;
    }

    /// <summary>What the process used; null when the kernel told nothing.</summary>
    /// <param name="inherited">Worker's peak when the process was started, in KiB.</param>
    public static ProcessUsage? Read(ReadOnlySpan<long> usage, long inherited) => usage.IndexOfAnyExcept(0) < 0 ? null : new(
        Milliseconds(usage[0], usage[1]), Milliseconds(usage[2], usage[3]),
        usage[Peak] > inherited ? usage[Peak] * 1024 : null, usage[BlocksIn] * BlockSize, usage[BlocksOut] * BlockSize);

    /// <summary>With a peak that was seen while the process lived, where it is the larger one, or the only one.</summary>
    /// <param name="seen">In KiB; 0: nothing was seen.</param>
    public static ProcessUsage? AtLeast(ProcessUsage? usage, long seen) =>
        usage is null || seen * 1024 <= (usage.PeakMemoryBytes ?? 0) ? usage : usage with { PeakMemoryBytes = seen * 1024 };

    private static double Milliseconds(long seconds, long micros) => (seconds * 1_000_000 + micros) / 1000.0;
}
