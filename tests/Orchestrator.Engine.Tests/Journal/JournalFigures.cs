using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Runs;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>Measurements, run by hand: <c>-explicit only -class "*JournalFigures"</c>.</summary>
public sealed class JournalFigures(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public async Task One_writer_against_a_bare_fdatasync_loop()
    {
        using var folder = new Folder();
        await using var journal = await folder.Open();
        var stream = StreamId.Run(Some.Run());
        for (var i = 0; i < 500; i++) await journal.Commit(Some.Events(stream, i));
        for (var round = 0; round < 5; round++)
        {
            var bare = Bare(folder.Path, 1000);
            var ours = new double[1000];
            for (var i = 0; i < ours.Length; i++)
            {
                var events = Some.Events(stream, 500 + round * 1000 + i);
                var start = Stopwatch.GetTimestamp();
                await journal.Commit(events);
                ours[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
            Array.Sort(ours);
            output.WriteLine($"bare p50 {bare[500]:F0} us, journal p50 {ours[500]:F0} p99 {ours[990]:F0} us, ratio {ours[500] / bare[500]:F2}");
        }
    }

    [Theory(Explicit = true)]
    [InlineData(64)]
    [InlineData(1000)]
    public async Task Many_writers(int writers)
    {
        using var folder = new Folder();
        var disk = new CountingDisk();
        await using var journal = await JsonlRunJournal.OpenAsync(folder.Options() with { Disk = disk });
        for (var round = 0; round < 5; round++)
        {
            var batches = 200_000 / writers;
            var prepared = Enumerable.Range(0, writers).Select(_ => StreamId.Run(Some.Run())).Select(s => Enumerable.Range(0, batches).Select(i => Some.Events(s, i)).ToArray()).ToArray();
            var (syncs, start, cpu) = (disk.Syncs, Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await Task.WhenAll(prepared.Select(p => Task.Run(async () => { foreach (var events in p) await journal.Commit(events); })));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            output.WriteLine($"{writers} writers: {writers * batches / seconds:N0} events/s, {(disk.Syncs - syncs) / (double)(writers * batches):F4} syncs per event, "
                + $"CPU {(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / (writers * batches):F1} us per event");
        }
    }

    [Fact(Explicit = true)]
    public async Task A_million_events_scanned()
    {
        using var folder = new Folder();
        var streams = Enumerable.Range(0, 500).Select(_ => StreamId.Run(Some.Run())).ToList();
        await using (var journal = await folder.Open())
            for (var i = 0; i < 20; i++)
                await Task.WhenAll(streams.Select(s => journal.Commit(Some.Events(s, i * 100, 100)).AsTask()));
        for (var round = 0; round < 3; round++)
        {
            var memory = Environment.WorkingSet;
            var cpu = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            var appends = folder.Segments().Sum(s => SegmentScan.Read(s, BadLine.Refuse).Appends.Count);
            var headers = Stopwatch.GetElapsedTime(start);
            var headersCpu = Environment.CpuUsage.TotalTime - cpu;
            start = Stopwatch.GetTimestamp();
            await using var journal = await folder.Open();
            var runs = await journal.ClaimAbandonedAsync();
            output.WriteLine($"{appends} appends: headers {headers.TotalMilliseconds:F0} ms (CPU {headersCpu.TotalMilliseconds:F0}); open and decode {runs.Sum(r => r.Events.Count)} events "
                + $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms (CPU {(Environment.CpuUsage.TotalTime - cpu - headersCpu).TotalMilliseconds:F0}); {(Environment.WorkingSet - memory) >> 20} MiB more");
        }
    }

    private static double[] Bare(string folder, int count)
    {
        var line = new byte[300];
        var took = new double[count];
        using var file = File.OpenHandle(Path.Combine(folder, Path.GetRandomFileName()), FileMode.Create, FileAccess.Write);
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, line, i * line.Length);
            Posix.FileCalls.SyncContent(file);
            took[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        Array.Sort(took);
        return took;
    }

    private sealed class CountingDisk : Disk
    {
        public int Syncs { get; private set; }

        public override void Sync(SafeFileHandle file)
        {
            Syncs++;
            base.Sync(file);
        }
    }
}
