using System.Buffers;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>The events of a finished run in its own folder: the lines as they stood in the segments, one file, whole or absent.</summary>
internal static class ArchiveFile
{
    private const int TailBytes = 64 << 10;

    /// <summary>Writes the file under its final name. Not yet durable: the segments go only after <see cref="ArchiveSync"/>.</summary>
    public static void Write(string path, IReadOnlyList<Extent> extents, Disk disk)
    {
        DurableFolder.MakeOnly(disk, Path.GetDirectoryName(path)!);
        var unfinished = path + WholeFileDraft.Extension;
        try
        {
            // Only the owner of the run's segments comes here: a lock would cost three system calls and protect nothing.
            using (var file = disk.Create(unfinished))
            {
                long at = 0;
                foreach (var block in Blocks(extents))
                {
                    disk.Write(file, block.Span, at);
                    at += block.Length;
                }
            }
            disk.Rename(unfinished, path);
        }
        catch
        {
            try { disk.Delete(unfinished); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // why it was not finished matters more
            throw;
        }
    }

    /// <summary>The bytes, checked; together where the whole is small, since a system call per append would cost more than copying.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(IReadOnlyList<Extent> extents)
    {
        var small = new ArrayBufferWriter<byte>(Math.Min(TailBytes, LengthOf(extents)));
        foreach (var extent in extents)
        {
            var bytes = extent.Segment.Read(extent.Offset, extent.Length);
            Verify(bytes, extent);
            small.Write(bytes);
            if (small.WrittenCount < TailBytes) continue;
            yield return small.WrittenMemory;
            small.ResetWrittenCount();
        }
        if (small.WrittenCount > 0) yield return small.WrittenMemory;
    }

    private static int LengthOf(IReadOnlyList<Extent> extents)
    {
        var length = 0L;
        for (var i = 0; i < extents.Count; i++) length += extents[i].Length;
        return (int)Math.Min(length, int.MaxValue);
    }

    /// <summary>All events, up to one that cannot be read; empty when there is no archive.</summary>
    /// <param name="unreadable">Takes note of a line that cannot be read.</param>
    public static List<RecordedEvent> Read(string path, StreamId stream, UnreadableLines? unreadable)
    {
        return RegularFile.TryRead(path) is { } bytes ? EventLines.DecodeWhole(bytes, stream, (at, why) => unreadable?.Note(stream, path, at, why)) : [];
    }

    /// <summary>The first event; null when there is no archive.</summary>
    public static RecordedEvent? First(string path, StreamId stream, UnreadableLines? unreadable) => Edge(path, stream, unreadable, last: false);

    /// <summary>The last event that can be read; null when there is no archive.</summary>
    public static RecordedEvent? Last(string path, StreamId stream, UnreadableLines? unreadable) => Edge(path, stream, unreadable, last: true);

    /// <summary>The number of the last event, and whether it ends the run, whatever it says; nothing when there is no archive.</summary>
    public static (long Seq, bool EndsRun)? End(string path, StreamId stream) =>
        Line(path, last: true) is { } line && JournalLine.TryReadHeader(line, out var header) ? (header.Seq, header.EndsRun)
        : Read(path, stream, null) is [.., var e] ? (e.Seq, e.Event is WorkflowEnded) : null;

    private static RecordedEvent? Edge(string path, StreamId stream, UnreadableLines? unreadable, bool last)
    {
        if (Line(path, last) is { } line)
            try { return JournalCodec.Read(line, stream); }
            catch (JournalFormatException) { }   // read again from the beginning, which also finds out where it stands
        var all = Read(path, stream, unreadable);
        return all.Count == 0 ? null : last ? all[^1] : all[0];
    }

    // The first or last line; null where there is no file, or the line is longer than the window.
    private static byte[]? Line(string path, bool last)
    {
        using var file = RegularFile.TryOpen(path);
        if (file is null) return null;
        var length = RandomAccess.GetLength(file);
        var bytes = new byte[Math.Min(length, TailBytes)];
        _ = RandomAccess.Read(file, bytes, last ? length - bytes.Length : 0);
        ReadOnlySpan<byte> block = bytes;
        var end = last ? block.LastIndexOf((byte)'\n') : block.IndexOf((byte)'\n');
        if (end >= 0)
        {
            var start = last ? block[..end].LastIndexOf((byte)'\n') + 1 : 0;
            if (LineTrailer.TryRead(block[start..end], out _)) return block[start..end].ToArray();
        }
        return null;
    }

    private static void Verify(ReadOnlySpan<byte> block, Extent extent)
    {
        var at = extent.Offset;
        for (var newline = block.IndexOf((byte)'\n'); newline >= 0; newline = block.IndexOf((byte)'\n'))
        {
            if (!LineTrailer.TryRead(block[..newline], out _)) throw new JournalCorruptException(extent.Segment.Path, at, "the line is not what was written");
            at += newline + 1;
            block = block[(newline + 1)..];
        }
    }
}
