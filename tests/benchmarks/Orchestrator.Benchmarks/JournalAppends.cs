using System.Security.Cryptography;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Benchmarks;

/// <summary>Appends of one event that each wait for the disk, one run's stream per writer, against the limit program.</summary>
internal static class JournalAppends
{
    private static readonly TaskId Step = new("step");

    public static async Task RunAsync(string folder, int pairs)
    {
        await using var report = new Pairs("journal", folder);
        foreach (var (writers, each) in new[] { (1, 2_000), (1_000, 200) })
            await report.CompareAsync($"{writers} writers", pairs, () => OursAsync(folder, writers, each), () => JournalLimit.MeasureAsync(folder, writers, each));
    }

    private static async Task<Sample> OursAsync(string folder, int writers, int each)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, $"journal-{Guid.NewGuid():N}")).FullName;
        try
        {
            var disk = new CountingDisk();
            await using var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = data, Writer = "benchmark", Disk = disk });
            var now = TimeProvider.System.GetUtcNow();
            var streams = Enumerable.Range(0, writers).Select(_ => StreamId.Run(RunId.New(now, RandomNumberGenerator.GetBytes(10)))).ToArray();
            var versions = new long[writers];
            long acknowledged = 0;
            async Task AppendAsync(int writer)
            {
                var stream = streams[writer];
                var version = versions[writer]++;
                var done = new TaskCompleted(Step, 1) { DurationMs = 0.125, AttemptDurationMs = 0.125, QueueMs = 0.5, Attempts = 1 };
                await journal.AppendAsync(stream, version, 0, [new(stream, version + 1, now, done)], AppendDurability.Committed);
                Interlocked.Increment(ref acknowledged);
            }
            await AppendAsync(0);   // begins the segment
            var sample = await Meter.MeasureAsync(folder, writers * each, writers, (writer, _) => AppendAsync(writer), () => (disk.Syncs, acknowledged));
            await VerifyAsync(journal, streams, versions);
            return sample;
        }
        finally { Directory.Delete(data, recursive: true); }
    }

    private static async Task VerifyAsync(JsonlRunJournal journal, StreamId[] streams, long[] versions)
    {
        for (var i = 0; i < streams.Length; i++)
        {
            long last = 0;
            await foreach (var e in journal.ReadAsync(streams[i], 0, CancellationToken.None)) last = e.Seq;
            if (last != versions[i]) throw new WrongResultException($"{streams[i]} ends at {last}, acknowledged was {versions[i]}");
        }
    }
}
