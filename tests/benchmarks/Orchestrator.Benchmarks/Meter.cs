using System.Diagnostics;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Benchmarks;

/// <summary>Calls a piece of work many times, some at once, and takes the time, the CPU and the heap of it.</summary>
internal static class Meter
{
    /// <param name="folder">Where the data is.</param>
    /// <param name="times">How often in all.</param>
    /// <param name="inFlight">How many at once.</param>
    /// <param name="work">Given the caller's number and its own, both from 0.</param>
    /// <param name="counted">Commits and events so far.</param>
    public static async Task<Sample> MeasureAsync(string folder, int times, int inFlight, Func<int, int, Task> work, Func<(long Commits, long Events)> counted)
    {
        // What the one before left behind, in memory or on its way to the disk, is not this one's to pay for.
        FileCalls.SyncFileSystem(folder);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var latencies = new double[times];
        var next = -1;
        using var self = Process.GetCurrentProcess();
        var before = counted();
        var cpu = self.TotalProcessorTime;
        var heap = GC.GetTotalAllocatedBytes();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(caller => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < times;)
            {
                var start = Stopwatch.GetTimestamp();
                await work(caller, i);
                latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        })));
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        self.Refresh();
        var after = counted();
        return new(latencies, took, (self.TotalProcessorTime - cpu).TotalSeconds, GC.GetTotalAllocatedBytes() - heap,
            after.Commits - before.Commits, after.Events - before.Events);
    }
}
