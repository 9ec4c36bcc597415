using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// The events of schedules, backfills and workers that have left their segments, whole: <c>streams/{name}/{seq of the first}.jsonl</c>, lines as they
/// stood, in parts of about a MiB. Retention lets go of whole parts, oldest first and never the last: what
/// the first part is named by is the low-water mark.
/// </summary>
internal sealed class StreamArchive(RunPaths paths)
{
    private const int PartBytes = 1 << 20;
    private const int LongestName = 200;
    private const string Hashed = "sha256-";
    private const int TailBytes = 64 << 10;

    /// <summary>The streams that have something here.</summary>
    public IReadOnlyList<StreamId> Streams()
    {
        if (!Directory.Exists(paths.Streams)) return [];
        var streams = new List<StreamId>();
        foreach (var folder in Directory.EnumerateDirectories(paths.Streams))
            if (Parts(folder) is [var (path, _), ..] && NameOf(folder, path) is { } name) streams.Add(new(name));
        return streams;
    }

    // By the folder's name, so that a damaged line hides no stream; only a name that was too long stands in the lines alone. Null: a foreign folder.
    private static string? NameOf(string folder, string part)
    {
        var name = Path.GetFileName(folder);
        var stream = !name.StartsWith(Hashed, StringComparison.Ordinal) ? Uri.UnescapeDataString(name)
            : FirstLine(part) is { } line && JournalLine.TryReadHeader(line, out var header) ? Encoding.UTF8.GetString(header.Stream) : "";
        return StreamId.IsSystem(stream) ? stream : null;
    }

    /// <summary>The last event of a stream here; 0: none.</summary>
    public long LastSeq(StreamId stream) => Parts(FolderOf(stream)) is [.., var (path, first)] ? Math.Max(Last(path), first - 1) : 0;

    /// <summary>Events after a given one, in order, up to a line that is not whole.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="after">Seq of the last that is not wanted.</param>
    /// <param name="writtenSince">Parts that were written before count as read.</param>
    public IEnumerable<RecordedEvent> Read(StreamId stream, long after = 0, DateTimeOffset? writtenSince = null)
    {
        var parts = Parts(FolderOf(stream));
        for (var i = 0; i < parts.Count; i++)
        {
            if (i + 1 < parts.Count && parts[i + 1].First <= after + 1) continue;
            if (writtenSince is { } since && File.GetLastWriteTimeUtc(parts[i].Path) < since.UtcDateTime) continue;
            foreach (var e in Events(parts[i].Path, stream))
                if (e.Seq > after)
                {
                    after = e.Seq;
                    yield return e;
                }
        }
    }

    /// <summary>
    /// Makes what is there durable: a process that was killed may have written it and not synced it. Called before anything counts as archived.
    /// </summary>
    public void MakeDurable(StreamId stream, Disk disk)
    {
        var folder = FolderOf(stream);
        if (Parts(folder) is not [.., var (path, first)]) return;
        using (Mend(path, first, disk).File) { }
        disk.SyncDirectory(folder);
    }

    /// <summary>Appends lines durably; lines that are already there are left out.</summary>
    public void Append(StreamId stream, IEnumerable<Extent> extents, Disk disk)
    {
        var folder = FolderOf(stream);
        DurableFolder.Create(disk, folder, paths.Root);
        var parts = Parts(folder);
        var (file, last) = parts is [.., var (path, first)] ? Mend(path, first, disk) : (null, 0);
        try
        {
            if (file is not null) disk.SyncDirectory(folder);
            Append(extents, ref file, last, folder, disk);
        }
        finally { file?.Dispose(); }
    }

    private static void Append(IEnumerable<Extent> extents, ref AppendFile? file, long last, string folder, Disk disk)
    {
        var lines = new LineBuffer();
        var from = 0L;
        foreach (var extent in extents)
        {
            ReadOnlySpan<byte> rest = extent.Segment.Read(extent.Offset, extent.Length);
            for (var seq = extent.FirstSeq; rest.IndexOf((byte)'\n') is >= 0 and var newline; seq++)
            {
                if (!LineTrailer.TryRead(rest[..newline], out _)) throw new JournalCorruptException(extent.Segment.Path, extent.Offset, "the line is not what was written");
                if (seq > last)
                {
                    if (lines.Length == 0) from = seq;
                    var line = rest[..(newline + 1)];
                    line.CopyTo(lines.GetSpan(line.Length));
                    lines.Advance(line.Length);
                    last = seq;
                    if (lines.Length >= PartBytes) Flush(lines, ref file, from, folder, disk);
                }
                rest = rest[(newline + 1)..];
            }
        }
        if (lines.Length > 0) Flush(lines, ref file, from, folder, disk);
    }

    private static void Flush(LineBuffer lines, ref AppendFile? file, long from, string folder, Disk disk)
    {
        if (file is null || file.Length >= PartBytes)
        {
            file?.Dispose();
            file = null;
            file = AppendFile.Create(disk, Path.Combine(folder, from.ToString("D19", CultureInfo.InvariantCulture) + ".jsonl"));
        }
        file.Append(lines.Written);   // after a failed sync nobody knows what is on the disk: the lines are written again
        lines.Length = 0;
    }

    /// <summary>
    /// Removes the oldest parts of a stream while all of a part is older than an instant or more than this many events follow it; returns how many.
    /// </summary>
    public int Trim(StreamId stream, DateTimeOffset? before, int? keep)
    {
        var parts = Parts(FolderOf(stream));
        var last = LastSeq(stream);
        var gone = 0;
        for (; gone < parts.Count - 1; gone++)
        {
            var isOld = before is { } instant && First(parts[gone + 1].Path) is { } next && next.Time < instant;
            if (!isOld && !(last - (parts[gone + 1].First - 1) >= keep)) break;
            paths.Disk.Delete(parts[gone].Path);
        }
        return gone;
    }

    /// <summary>Lets go of all parts of a backfill that ended before an instant, oldest first; returns how many.</summary>
    public int RemoveEnded(StreamId stream, DateTimeOffset? before)
    {
        if (before is not { } instant || Parts(FolderOf(stream)) is not [.., var (last, _)] parts) return 0;
        if (Events(last, stream) is not [.., { Event: BackfillFinished } end] || end.Time >= instant) return 0;
        foreach (var (path, _) in parts) paths.Disk.Delete(path);
        return parts.Count;
    }

    /// <summary>The parts of a stream, oldest first, by the seq of their first event.</summary>
    public IReadOnlyList<(string Path, long First)> PartsOf(StreamId stream) => Parts(FolderOf(stream));

    private string FolderOf(StreamId stream)
    {
        var name = Uri.EscapeDataString(stream.ToString());
        return Path.Combine(paths.Streams, name.Length <= LongestName ? name : Hashed + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stream.ToString()))));
    }

    private static List<(string Path, long First)> Parts(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        return [.. Directory.GetFiles(folder, "*.jsonl")
            .Select(p => (Path: p, First: long.TryParse(Path.GetFileNameWithoutExtension(p), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0))
            .Where(p => p.First > 0).OrderBy(p => p.First)];
    }

    // None when it was removed meanwhile.
    private static List<RecordedEvent> Events(string path, StreamId stream) => RegularFile.TryRead(path) is { } bytes ? EventLines.DecodeWhole(bytes, stream, null) : [];

    private static byte[]? FirstLine(string path) =>
        RegularFile.Lines(path).FirstOrDefault() is { } text && Encoding.UTF8.GetBytes(text) is var line && LineTrailer.TryRead(line, out _) ? line : null;

    // None where a later version of the program wrote it.
    private static RecordedEvent? First(string path)
    {
        try { return FirstLine(path) is { } line ? JournalCodec.Read(line) : null; }
        catch (JournalFormatException) { return null; }
    }

    private static long Last(string path)
    {
        using var file = RegularFile.TryOpen(path);
        if (file is null) return 0;
        var length = RandomAccess.GetLength(file);
        var bytes = new byte[Math.Min(length, TailBytes)];
        _ = RandomAccess.Read(file, bytes, length - bytes.Length);
        if (LastWhole(bytes) is { Seq: > 0 } tail) return tail.Seq;
        return length <= TailBytes ? 0 : RegularFile.TryRead(path) is { } all ? LastWhole(all).Seq : 0;
    }

    // Bytes after the last whole line were never removed from their segment: they are written again. What was read counts as there.
    private static (AppendFile File, long Last) Mend(string path, long first, Disk disk)
    {
        var (seq, end) = LastWhole(RegularFile.TryRead(path) ?? throw new FileNotFoundException($"{path} is missing, or is not a regular file.", path));
        return (AppendFile.Continue(disk, path, end), Math.Max(seq, first - 1));
    }

    /// <summary>Whether no whole line follows a place: a crash has torn the rest, which is still in its segment.</summary>
    public static bool IsTorn(ReadOnlySpan<byte> part, long from) => LastWhole(part).End <= from;

    private static (long Seq, int End) LastWhole(ReadOnlySpan<byte> bytes)
    {
        for (var end = bytes.LastIndexOf((byte)'\n'); end >= 0; end = bytes[..end].LastIndexOf((byte)'\n'))
        {
            var start = bytes[..end].LastIndexOf((byte)'\n') + 1;
            if (LineTrailer.TryRead(bytes[start..end], out _) && JournalLine.TryReadHeader(bytes[start..end], out var header)) return (header.Seq, end + 1);
        }
        return (0, 0);
    }
}
