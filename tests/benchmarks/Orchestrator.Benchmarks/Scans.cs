using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Benchmarks;

/// <summary>Reading a large journal: headers alone against a JSON reader that stops after four fields, and open runs rebuilt against a JSON reader over all tokens.</summary>
internal static class Scans
{
    private const int Block = 1 << 20;

    public static async Task RunAsync(string folder, int pairs, int events)
    {
        const int Tasks = 500;   // a start and an end each
        var runs = Math.Max(1, events / (2 * Tasks));
        var data = Directory.CreateDirectory(Path.Combine(folder, $"scan-{Guid.NewGuid():N}")).FullName;
        try
        {
            var paths = MadeJournal.Write(data, runs, Tasks, new('a', 64));
            var lines = paths.Sum(p => File.ReadLines(p).LongCount()) - paths.Count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lines:N0} events of {runs} open runs, {paths.Sum(p => new FileInfo(p).Length) / lines} bytes each, {paths.Count} segments"));
            await using var report = new Pairs("scan", folder);
            await report.CompareAsync("headers", pairs, () => Task.FromResult(Timed(() => Headers(paths), lines)), () => Task.FromResult(Timed(() => Tokens(paths, fields: 4), lines)));
            await report.CompareAsync("state of all open runs", pairs, () => RebuildAsync(data, runs, Tasks, lines), () => Task.FromResult(Timed(() => Tokens(paths, int.MaxValue), lines)));
        }
        finally { Directory.Delete(data, recursive: true); }
    }

    private static Sample Timed(Func<long> read, long expected)
    {
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        var cpu = self.TotalProcessorTime;
        var heap = GC.GetTotalAllocatedBytes();
        var began = Stopwatch.GetTimestamp();
        var found = read();
        var took = Stopwatch.GetElapsedTime(began);
        self.Refresh();
        if (found != expected) throw new WrongResultException($"{found} events were read, {expected} were written");
        return new([took.TotalMilliseconds], took.TotalSeconds, (self.TotalProcessorTime - cpu).TotalSeconds, GC.GetTotalAllocatedBytes() - heap, 0, expected);
    }

    private static long Headers(IReadOnlyList<string> paths) =>
        paths.Sum(p => SegmentScan.Read(p, BadLine.CutTornTail).Appends.Sum(a => (long)a.Count));

    private static async Task<Sample> RebuildAsync(string data, int runs, int tasks, long expected)
    {
        // Adopting cuts, syncs and locks: each time on a copy of its own, whose making is not measured.
        var copy = data + "-copy";
        foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories))
        {
            var target = file.Replace(data, copy, StringComparison.Ordinal);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        try
        {
            FileCalls.SyncFileSystem(copy);
            GC.Collect();
            using var self = Process.GetCurrentProcess();
            var cpu = self.TotalProcessorTime;
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var heap = GC.GetTotalAllocatedBytes();
            var began = Stopwatch.GetTimestamp();
            var plan = new RunPlan(MadeJournal.Definition(tasks));
            await using var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = copy, Writer = "benchmark" });
            var states = new List<RunState>();
            long events = 0;
            foreach (var run in await journal.ClaimAbandonedAsync())
            {
                var state = new RunState(plan);
                foreach (var e in run.Events) state.Apply(e);
                states.Add(state);
                events += run.Events.Count;
            }
            var took = Stopwatch.GetElapsedTime(began);
            self.Refresh();
            var sample = new Sample([took.TotalMilliseconds], took.TotalSeconds, (self.TotalProcessorTime - cpu).TotalSeconds, GC.GetTotalAllocatedBytes() - heap, 0, expected);
            if (events != expected || states.Count != runs) throw new WrongResultException($"{events} events of {states.Count} runs were read, {expected} of {runs} were written");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  heap grown by {(GC.GetTotalMemory(forceFullCollection: true) - before) >> 20} MiB"));
            return sample;
        }
        finally { Directory.Delete(copy, recursive: true); }
    }

    private static long Tokens(IReadOnlyList<string> paths, int fields)
    {
        var buffer = new byte[2 * Block];
        long lines = -paths.Count;   // their headers
        foreach (var path in paths)
        {
            using var file = File.OpenHandle(path);
            long at = 0;
            var kept = 0;
            for (int n; (n = RandomAccess.Read(file, buffer.AsSpan(kept, Block), at)) > 0; at += n)
            {
                var rest = buffer.AsSpan(0, kept + n);
                for (int newline; (newline = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(newline + 1)..])
                {
                    var json = new Utf8JsonReader(rest[..newline]);
                    for (var read = 0; read < 1 + (2L * fields) && json.Read(); read++) { }
                    lines++;
                }
                rest.CopyTo(buffer);
                kept = rest.Length;
            }
        }
        return lines;
    }
}
