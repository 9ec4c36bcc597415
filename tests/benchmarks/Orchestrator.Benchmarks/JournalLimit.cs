namespace Orchestrator.Benchmarks;

/// <summary>Appends that each wait for the disk, from one and from many writers: the limit of row 11.</summary>
internal static class JournalLimit
{
    public static async Task RunAsync(string folder)
    {
        for (var repetition = 1; repetition <= 3; repetition++)
            foreach (var (writers, each) in new[] { (1, 2_000), (64, 1_000), (1_000, 300) })
                Figures.Print("limit-journal", $"{writers} writers", repetition, "events/s", await MeasureAsync(folder, writers, each));
    }

    public static async Task<Sample> MeasureAsync(string folder, int writers, int each)
    {
        var path = Path.Combine(folder, $"limit-{Environment.ProcessId}.log");
        var line = new byte[300];
        line.AsSpan().Fill((byte)'x');
        line[^1] = (byte)'\n';
        await using var log = new GroupCommitLog(path);
        try { return await Meter.MeasureAsync(folder, writers * each, writers, (_, _) => log.CommitAsync(line), () => (log.Commits, log.Lines)); }
        finally { File.Delete(path); }
    }
}
