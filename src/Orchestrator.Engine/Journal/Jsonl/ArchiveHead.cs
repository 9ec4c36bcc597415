using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>The beginning of a finished run's archive.</summary>
internal static class ArchiveHead
{
    private const int HeadBytes = 16 << 10;
    private const int MaxEvents = 16;

    /// <summary>
    /// The events up to the run's start, as far as they are among the first ones; empty when there is no
    /// archive, or its first line is longer than the window.
    /// </summary>
    public static IReadOnlyList<RecordedEvent> Read(string path, StreamId stream)
    {
        var head = new List<RecordedEvent>();
        try
        {
            var bytes = new byte[HeadBytes];
            using var file = RegularFile.TryOpen(path);
            if (file is null) return head;
            ReadOnlySpan<byte> block = bytes.AsSpan(0, RandomAccess.Read(file, bytes, 0));
            for (int end; head.Count < MaxEvents && (end = block.IndexOf((byte)'\n')) >= 0 && LineTrailer.TryRead(block[..end], out _); block = block[(end + 1)..])
            {
                head.Add(JournalCodec.Read(block[..end], stream));
                if (head[^1].Event is WorkflowStarted) break;
            }
        }
        catch (JournalFormatException) { }   // the reader of the whole archive reports it
        return head;
    }
}
