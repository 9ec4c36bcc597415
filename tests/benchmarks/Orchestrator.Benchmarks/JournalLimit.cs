using System.Diagnostics;

namespace Orchestrator.Benchmarks;

/// <summary>Appends that each wait for the disk, from one and from many writers: the limit of row 11.</summary>
internal static class JournalLimit
{
    public static async Task RunAsync(string folder)
    {
        for (var repetition = 1; repetition <= 3; repetition++)
            foreach (var (writers, each) in new[] { (1, 2_000), (64, 1_000), (1_000, 300) })
                await MeasureAsync(folder, repetition, writers, each);
    }

    private static async Task MeasureAsync(string folder, int repetition, int writers, int each)
    {
        var path = Path.Combine(folder, $"limit-{Environment.ProcessId}.log");
        var line = new byte[300];
        line.AsSpan().Fill((byte)'x');
        line[^1] = (byte)'\n';
        var latencies = new double[writers * each];
        long commits;
        var began = Stopwatch.GetTimestamp();
        await using (var log = new GroupCommitLog(path))
        {
            await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
            {
                for (var i = 0; i < each; i++)
                {
                    var start = Stopwatch.GetTimestamp();
                    await log.CommitAsync(line);
                    latencies[w * each + i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            })));
            commits = log.Commits;
        }
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        File.Delete(path);
        Figures.Print("limit-journal", $"{writers} writers", repetition, latencies.Length / took, "events/s", latencies, commits);
    }
}
