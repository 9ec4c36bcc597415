using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Takes over the folder of a writer that holds its lock and does not answer: it was stopped, or hangs. Afterwards every append of it is refused, whenever
/// it wakes, and what it still writes goes into files without a name. A crash on the way leaves a mark, so that the next to take the folder does the rest.
/// </summary>
internal static class FrozenOwner
{
    private const string Mark = "taking";

    /// <summary>The lock of the folder; null when its holder answers.</summary>
    /// <exception cref="IOException">It cannot be taken over. The holder may have lost it all the same.</exception>
    public static DirectoryLock? TryTake(RunPaths paths, string folder, TimeSpan leaseTime, ILogger log)
    {
        if (!IsFrozen(folder, leaseTime)) return null;
        using var turn = DirectoryLock.TryTake(paths.Disk, Path.Combine(paths.Journal, "takeover.lock"));
        if (turn is null || !IsFrozen(folder, leaseTime)) return null;   // another process is doing it, or has
        WholeFile.Write(paths.Disk, Path.Combine(folder, Mark), []);
        var held = DirectoryLock.Seize(paths.Disk, OwnedFolders.PathIn(folder));
        OwnedFolders.Note(held);
        try
        {
            Finish(paths.Disk, folder);
            log.TakenOver(folder, leaseTime.TotalSeconds);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Does the rest of a takeover that a crash interrupted; nothing where there was none. The folder's lock is held.</summary>
    public static void Finish(Disk disk, string folder)
    {
        var mark = Path.Combine(folder, Mark);
        if (!File.Exists(mark)) return;
        // The former owner has the files open: copies of them are out of its reach.
        foreach (var (path, _) in Segment.In(folder))
            if (RegularFile.TryRead(path) is { } bytes) WholeFile.Write(disk, path, bytes);
        disk.Delete(mark);
        disk.SyncDirectory(folder);
    }

    private static bool IsFrozen(string folder, TimeSpan leaseTime)
    {
        var path = OwnedFolders.PathIn(folder);
        // A program of before this rule neither touches its lock nor looks whether it still owns it.
        return OwnedFolders.IsNoted(folder) && DirectoryLock.IsHeld(path) && TimeProvider.System.GetUtcNow() - DirectoryLock.TouchedAt(path) > leaseTime;
    }
}
