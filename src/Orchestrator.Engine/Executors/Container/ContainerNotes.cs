namespace Orchestrator.Engine.Executors.Container;

/// <summary>
/// Which containers a run has started, by which client, in its folder: after a crash of this worker they live on, and are found by this.
/// A crash of the machine ends them anyway, so nothing is forced to the disk.
/// </summary>
internal static class ContainerNotes
{
    private const string FileName = "containers";
    private const int Most = 10_000;

    public static void Add(string runDirectory, string client, string name)
    {
        using var file = new FileStream(Path.Combine(runDirectory, FileName), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.UTF8.GetBytes($"{name}\t{client}\n"));
    }

    /// <summary>Names by client; empty where the run had no container.</summary>
    public static IEnumerable<(string Client, string[] Names)> Read(string runDirectory)
    {
        var path = Path.Combine(runDirectory, FileName);
        return Files.RegularFile.Lines(path).Take(Most).Select(l => l.Split('\t')).Where(l => l is [['o', ..], ['/', ..]])
            .GroupBy(l => l[1], l => l[0], StringComparer.Ordinal).SelectMany(g => g.Distinct(StringComparer.Ordinal).Chunk(200).Select(names => (g.Key, names)));
    }
}
