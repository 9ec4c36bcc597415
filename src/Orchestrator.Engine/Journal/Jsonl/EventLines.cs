using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Reads events out of blocks of whole lines.</summary>
internal static class EventLines
{
    /// <summary>Events of one stream, checksums verified.</summary>
    /// <exception cref="JournalCorruptException">A line is damaged, or cannot be read.</exception>
    public static void Decode(Extent extent, StreamId stream, List<RecordedEvent> into) =>
        Decode(extent, extent.Segment.Read(extent.Offset, extent.Length), stream, into);

    /// <summary>The same of bytes that have been read already.</summary>
    public static void Decode(Extent extent, ReadOnlySpan<byte> block, StreamId stream, List<RecordedEvent> into)
    {
        var at = extent.Offset;
        for (var newline = block.IndexOf((byte)'\n'); newline >= 0; newline = block.IndexOf((byte)'\n'))
        {
            if (!LineTrailer.TryRead(block[..newline], out _)) throw new JournalCorruptException(extent.Segment.Path, at, "the line is not what was written");
            try { into.Add(JournalCodec.Read(block[..newline], stream)); }
            catch (JournalFormatException e) { throw UnreadableLines.At(stream, extent.Segment.Path, at, e); }
            at += newline + 1;
            block = block[(newline + 1)..];
        }
    }

    /// <summary>Events up to the first line that is not whole, or cannot be read.</summary>
    /// <param name="unreadable">Hears of a line that cannot be read: where in the block it begins, and why.</param>
    public static List<RecordedEvent> DecodeWhole(ReadOnlySpan<byte> block, StreamId stream, Action<int, JournalFormatException>? unreadable)
    {
        var events = new List<RecordedEvent>();
        var at = 0;
        for (var newline = block.IndexOf((byte)'\n'); newline >= 0; newline = block.IndexOf((byte)'\n'))
        {
            if (!LineTrailer.TryRead(block[..newline], out _)) break;
            try { events.Add(JournalCodec.Read(block[..newline], stream)); }
            catch (JournalFormatException e)
            {
                unreadable?.Invoke(at, e);
                break;
            }
            at += newline + 1;
            block = block[(newline + 1)..];
        }
        return events;
    }
}
