using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Bytes that were cut from the end of a segment because no commit that was acknowledged held them.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Offset">Where they began.</param>
/// <param name="Bytes">How many.</param>
/// <param name="KeptAs">The file that has them now.</param>
public sealed record CutTail(string Segment, long Offset, long Bytes, string KeptAs)
{
    private const string Ending = ".cut";
    private const int MaxKept = 100;

    /// <summary>Copies them aside, durably. Only the latest hundred cuts are kept: each power cut may leave one.</summary>
    internal static CutTail Keep(RunPaths paths, string segment, SafeFileHandle file, long from, long to, Disk disk)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(Path.GetDirectoryName(segment))}-{Path.GetFileNameWithoutExtension(segment)}-{from}{Ending}");
        var kept = Quarantine.NewFile(paths, name, disk);
        var bytes = new byte[Math.Min(to - from, 1 << 20)];
        using (var copy = disk.Create(kept))
        {
            for (var at = from; at < to;)
            {
                var n = RandomAccess.Read(file, bytes.AsSpan(0, (int)Math.Min(bytes.Length, to - at)), at);
                if (n == 0) break;
                disk.Write(copy, bytes.AsSpan(0, n), at - from);
                at += n;
            }
            disk.Sync(copy);
        }
        disk.SyncDirectory(paths.Quarantine);
        foreach (var old in new DirectoryInfo(paths.Quarantine).GetFiles("*" + Ending).OrderByDescending(f => f.LastWriteTimeUtc).Skip(MaxKept)) disk.Delete(old.FullName);
        return new(segment, from, to - from, kept);
    }
}

/// <summary>The folder of what was taken out of the journal.</summary>
internal static class Quarantine
{
    /// <summary>The path of a file that is not there yet.</summary>
    public static string NewFile(RunPaths paths, string name, Disk disk)
    {
        DurableFolder.Create(disk, paths.Quarantine, paths.Root);
        var path = Path.Combine(paths.Quarantine, name);
        for (var n = 2; File.Exists(path); n++)
            path = Path.Combine(paths.Quarantine, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(name)}.{n}{Path.GetExtension(name)}"));
        return path;
    }
}
