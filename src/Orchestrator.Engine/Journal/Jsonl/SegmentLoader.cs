using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>A writer's folder after recovery: its segments, all closed, and the numbers its writer goes on from.</summary>
/// <param name="LastEnd">Where the last segment ends, be it kept or not.</param>
/// <param name="Cut">What was cut from it; null: nothing.</param>
internal sealed record LoadedFolder(
    IReadOnlyList<Segment> Segments, IReadOnlyList<(Segment Segment, ScannedAppend Append)> Appends, int LastNumber, long LastEnd, long LastCommit, CutTail? Cut)
{
    public static LoadedFolder Empty { get; } = new([], Array.Empty<(Segment, ScannedAppend)>(), 0, 0, 0, null);
}

/// <summary>Opens the segments of a folder whose lock is held, and cuts a torn tail.</summary>
internal static class SegmentLoader
{
    /// <exception cref="JournalCorruptException">Something that was durable is damaged.</exception>
    public static LoadedFolder Load(RunPaths paths, string folder, Disk disk, ILogger log)
    {
        FrozenOwner.Finish(disk, folder);
        var files = Segment.In(folder);
        foreach (var unfinished in Directory.GetFiles(folder, "*" + Segment.Unfinished)) disk.Delete(unfinished);   // headers and copies that a crash left half
        if (files.Count == 0) return LoadedFolder.Empty;
        var segments = new List<Segment>();
        var appends = new List<(Segment, ScannedAppend)>();
        long commit = 0, end = 0;
        CutTail? cut = null;
        try
        {
            foreach (var file in FolderScan.Read(paths, folder))
            {
                if (file.IsUnwritten)
                {
                    disk.Delete(file.Path);
                    continue;
                }
                if (file.Problem is { } problem) ExceptionDispatchInfo.Throw(problem);
                var scan = file.Scan!;
                (commit, end) = (Math.Max(commit, scan.LastCommit), scan.GoodLength);
                if (file.Path == files[^1].Path) cut = Settle(paths, file.Path, scan, disk, log);
                if (scan.Appends.Count == 0)
                {
                    disk.Delete(file.Path);
                    continue;
                }
                var segment = Segment.Open(file.Path, file.Number, scan.GoodLength);
                segments.Add(segment);
                foreach (var append in scan.Appends) appends.Add((segment, append));
            }
        }
        catch
        {
            foreach (var segment in segments) segment.Dispose();
            throw;
        }
        return new(segments, appends, files[^1].Number, end, commit, cut);
    }

    // Written but not synced counts as there once it was read: it must not vanish later, under commits that follow it.
    private static CutTail? Settle(RunPaths paths, string path, ScannedSegment scan, Disk disk, ILogger log)
    {
        using var file = disk.OpenExisting(path);
        CutTail? cut = null;
        if (scan.FileLength > scan.GoodLength)
        {
            cut = CutTail.Keep(paths, path, file, scan.GoodLength, scan.FileLength, disk);
            disk.Truncate(file, scan.GoodLength);
            log.TornTailCut(path, cut.Bytes, cut.Offset, cut.KeptAs);
        }
        disk.Sync(file);
        return cut;
    }

    /// <summary>
    /// Puts appends, of one writer or several, into the index. The same event in two places (a crash between a copy and the removal of
    /// its original) counts once; two different events with one seq are corruption, and so is a hole.
    /// </summary>
    public static void Index(StreamIndex index, RunPaths paths, IEnumerable<(Segment Segment, ScannedAppend Append)> appends)
    {
        var streams = new StreamArchive(paths);
        foreach (var stream in appends.GroupBy(a => a.Append.Stream))
        {
            if (IsRestOfArchived(paths, stream.Key, [.. stream.Select(a => a.Append)])) continue;
            var entry = index.GetOrAdd(stream.Key);
            var known = index.ExtentsOf(stream.Key);
            var found = stream.Select(a => (Extent: new Extent(a.Segment, a.Append.Offset, a.Append.Length, a.Append.FirstSeq, a.Append.Count), a.Append.EndsRun)).ToList();
            var sorted = known.Select(e => (Extent: e, EndsRun: false)).Concat(found).OrderBy(e => e.Extent.FirstSeq).ThenByDescending(e => e.Extent.Count).ToList();
            var union = new List<Extent>();
            foreach (var (extent, _) in sorted) Join(union, extent, stream.Key);
            index.Load(entry, union, found.Exists(f => f.EndsRun));
            if (entry.Run is null && streams.LastSeq(stream.Key) is > 0 and var archived)
            {
                streams.MakeDurable(stream.Key, paths.Disk);
                index.GoOn(entry, archived);
                index.Drop(entry, archived);   // a crash came between the archive and the end of the segment
            }
        }
    }

    // Segments go one by one. Of a run that is archived some may be gone already, be it the first or the one with its end: what is left is
    // neither damaged nor an open run. A segment goes only after the archive is durable, so the archive decides.
    private static bool IsRestOfArchived(RunPaths paths, StreamId stream, IReadOnlyList<ScannedAppend> appends)
    {
        if (!stream.TryGetRun(out var run)) return false;
        long version = 0;
        foreach (var append in appends.OrderBy(a => a.FirstSeq))
            if (append.FirstSeq <= version + 1) version = Math.Max(version, append.FirstSeq + append.Count - 1);
        var whole = appends.Any(a => a.EndsRun && a.FirstSeq + a.Count - 1 == version);
        return !whole && ArchiveFile.End(paths.EventsOf(run), stream) is { EndsRun: true };
    }

    private static void Join(List<Extent> union, Extent extent, StreamId stream)
    {
        var version = union.Count == 0 ? 0 : union[^1].LastSeq;
        if (union.Count > 0 && extent.FirstSeq <= version)
        {
            var shared = Lines(extent).Where(l => l.Seq <= version).ToDictionary(l => l.Seq, l => l.Content);
            foreach (var earlier in union.Where(u => u.LastSeq >= extent.FirstSeq))
                foreach (var (seq, content) in Lines(earlier))
                    if (shared.TryGetValue(seq, out var other) && !other.AsSpan().SequenceEqual(content))
                        throw new JournalCorruptException(extent.Segment.Path, extent.Offset, $"event {seq} of {stream} differs from the one in {earlier.Segment.Path}");
            if (extent.LastSeq <= version) return;
            extent = Tail(extent, version);
        }
        // A run's stream is whole. A schedule's or node's may begin anywhere, and have a hole where a repair said so.
        else if (extent.FirstSeq != version + 1 && stream.TryGetRun(out _))
            throw new JournalCorruptException(extent.Segment.Path, extent.Offset, $"{stream} continues with event {extent.FirstSeq} after event {version}");
        union.Add(extent);
    }

    private static Extent Tail(Extent extent, long version)
    {
        ReadOnlySpan<byte> bytes = extent.Segment.Read(extent.Offset, extent.Length);
        var skip = 0;
        for (var seq = extent.FirstSeq; seq <= version; seq++) skip += bytes[skip..].IndexOf((byte)'\n') + 1;
        var dropped = (int)(version - extent.FirstSeq + 1);
        return extent with { Offset = extent.Offset + skip, Length = extent.Length - skip, FirstSeq = version + 1, Count = extent.Count - dropped };
    }

    private static List<(long Seq, byte[] Content)> Lines(Extent extent)
    {
        var lines = new List<(long, byte[])>();
        ReadOnlySpan<byte> rest = extent.Segment.Read(extent.Offset, extent.Length);
        for (var seq = extent.FirstSeq; rest.IndexOf((byte)'\n') is >= 0 and var newline; seq++)
        {
            lines.Add((seq, LineTrailer.Content(rest[..newline]).ToArray()));
            rest = rest[(newline + 1)..];
        }
        return lines;
    }
}
