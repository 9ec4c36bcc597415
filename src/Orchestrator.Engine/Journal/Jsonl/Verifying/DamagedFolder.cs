using System.Runtime.ExceptionServices;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl.Verifying;

/// <summary>A segment as a repair sees it.</summary>
/// <param name="Length">Where its whole appends end.</param>
/// <param name="FileLength">Where it ends.</param>
/// <param name="Unreadable">Bytes of a damaged one that are no whole line.</param>
internal sealed record RepairedSegment(string Path, int Number, bool IsDamaged, long Length, long FileLength, IReadOnlyList<SalvagedAppend> Appends, long Unreadable);

/// <summary>A writer's folder whose lock is held, damaged or not.</summary>
internal sealed class DamagedFolder(string path, DirectoryLock held, IReadOnlyList<RepairedSegment> segments, long lastCommit) : IDisposable
{
    public string Path { get; } = path;

    public string Writer => System.IO.Path.GetFileName(Path);

    public IReadOnlyList<RepairedSegment> Segments { get; } = segments;

    public long LastCommit { get; } = lastCommit;

    public bool IsDamaged => Segments.Any(s => s.IsDamaged);

    public static DamagedFolder Read(RunPaths paths, string folder, DirectoryLock held)
    {
        var damaged = new HashSet<string>(StringComparer.Ordinal);
        var segments = new List<RepairedSegment>();
        long commit = 0;
        foreach (var (path, number, scan, problem, isUnwritten) in FolderScan.Read(paths, folder))
        {
            if (isUnwritten) continue;
            if (problem is JournalCorruptException e) damaged.Add(e.Segment);
            else if (problem is not null) ExceptionDispatchInfo.Throw(problem);
            var bytes = RegularFile.TryRead(path) ?? [];
            var (appends, unreadable) = Salvage.Read(bytes, path);
            if (scan is not null) unreadable = 0;   // a torn end is no damage
            segments.Add(new(path, number, false, scan?.GoodLength ?? bytes.Length, bytes.Length, appends, unreadable));
            commit = Math.Max(commit, scan?.LastCommit ?? appends.Select(a => a.Commit).DefaultIfEmpty().Max());
        }
        return new(folder, held, [.. segments.Select(s => s with { IsDamaged = damaged.Contains(s.Path) })], commit);
    }

    /// <summary>The last segment is not the last any more: what was never acknowledged at its end must go first.</summary>
    public void CutTail(RunPaths paths, Disk disk)
    {
        if (Segments[^1] is not { IsDamaged: false } last || last.FileLength == last.Length) return;
        using var file = disk.OpenExisting(last.Path);
        Jsonl.CutTail.Keep(paths, last.Path, file, last.Length, last.FileLength, disk);
        disk.Truncate(file, last.Length);
        disk.Sync(file);
    }

    public void Dispose() => held.Dispose();
}
