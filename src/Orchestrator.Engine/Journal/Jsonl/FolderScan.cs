using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Journal.Jsonl.Feed;
using Orchestrator.Engine.Journal.Jsonl.Verifying;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>A segment as a scan of its folder finds it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">Its number, of its name.</param>
/// <param name="Scan">What it holds; null where that cannot be told.</param>
/// <param name="Problem">Why it, or the one before it, is not what was written (<see cref="JournalCorruptException"/> names which); or a newer version
/// wrote it, or it is gone.</param>
/// <param name="IsUnwritten">A crash came before its first line: nothing was ever in it.</param>
internal sealed record ScannedFile(string Path, int Number, ScannedSegment? Scan, Exception? Problem, bool IsUnwritten = false);

/// <summary>The one rule of what counts as damaged in a writer's folder, for opening it, for looking at it and for repairing it.</summary>
internal static class FolderScan
{
    /// <summary>The segments, oldest first, each with what is wrong with it.</summary>
    public static IEnumerable<ScannedFile> Read(RunPaths paths, string folder)
    {
        var files = SegmentCatalog.SegmentsIn(folder);
        (string Path, int Number, long End)? before = null;
        long commit = 0;
        var version = 0;
        for (var i = 0; i < files.Count; i++)
        {
            var (path, number) = files[i];
            var isLast = i == files.Count - 1;
            if (isLast && IsEmpty(path) && (version == 1 || (files.Count == 1 && number == 1 && !OwnedFolders.IsNoted(folder) && !IsAnythingMissing(paths))))
            {
                yield return new(path, number, null, null, IsUnwritten: true);
                yield break;
            }
            ScannedSegment? scan = null;
            Exception? problem = null;
            try
            {
                scan = SegmentScan.Read(path, isLast ? BadLine.CutTornTail : BadLine.Refuse);
                SegmentOrder.Check(path, number, scan.Header, before, commit, scan);
            }
            catch (Exception e) when (e is JournalCorruptException or JournalFormatException or FileNotFoundException or DirectoryNotFoundException) { problem = e; }
            yield return new(path, number, scan, problem);
            before = scan is null ? null : (path, number, scan.GoodLength);
            version = scan?.Header.Version ?? version;
            commit = Math.Max(commit, scan?.LastCommit ?? (problem is JournalCorruptException ? Salvage.LastCommit(path) : 0));
        }
    }

    // Version 1 named a segment before its header was written; a crash in between left an empty one.
    private static bool IsEmpty(string path) => new FileInfo(path) is { Exists: true, Length: 0 };

    // An emptied file looks the same, but a later version notes in the folder that it writes there. Failing that: what it held was told to somebody, as a
    // rule, and is nowhere now.
    private static bool IsAnythingMissing(RunPaths paths)
    {
        var told = new Dictionary<StreamId, long>();
        foreach (var record in FeedLog.Stored(paths.Feed)) told[record.Stream] = Math.Max(record.LastSeq, told.GetValueOrDefault(record.Stream));
        if (told.Count == 0) return false;
        var reader = new RunReader(paths);
        var removed = reader.Removed();
        return told.Any(t => t.Key.TryGetRun(out var run) ? reader.FirstEvent(run) is null && !removed.Contains(run)
            : reader.ReadSystem(t.Key) is not [.., var last] || last.Seq < t.Value);
    }
}
