using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>One append found in a segment.</summary>
internal readonly record struct ScannedAppend(StreamId Stream, long FirstSeq, int Count, long Offset, int Length, bool EndsRun);

/// <summary>What a segment holds: whole appends up to <see cref="GoodLength"/>; anything after that is torn.</summary>
/// <param name="Header">Its first line; default where the scan did not begin there, or found none.</param>
internal sealed record ScannedSegment(SegmentHeader Header, IReadOnlyList<ScannedAppend> Appends, long GoodLength, long FileLength, long FirstCommit, long LastCommit);

/// <summary>How a scan treats a line that is not whole.</summary>
internal enum BadLine
{
    /// <summary>Stop there: a reader beside a live writer.</summary>
    Stop,

    /// <summary>Stop there if it was never acknowledged, else refuse: the last segment of a writer.</summary>
    CutTornTail,

    /// <summary>Refuse: a segment that was synced before the next one began.</summary>
    Refuse,
}

/// <summary>Reads a segment's line headers, the leading fields only, and groups them into whole appends.</summary>
internal static class SegmentScan
{
    /// <exception cref="JournalCorruptException">A line that was durable is damaged.</exception>
    public static ScannedSegment Read(string path, BadLine onBad, long from = 0)
    {
        var bytes = ReadFrom(path, from);
        var appends = new List<ScannedAppend>();
        var names = new StreamNames();
        var places = new LinePlaces(begun: from == 0);
        SegmentHeader opening = default;
        ReadOnlySpan<byte> rest = bytes;
        long good = from, at = from;
        long firstCommit = 0, firstSeq = 0, appendStart = from;
        StreamId stream = default;
        var count = 0;
        while (!rest.IsEmpty)
        {
            var newline = rest.IndexOf((byte)'\n');
            var line = newline < 0 ? rest : rest[..newline];
            var whole = newline >= 0;
            if (at == 0)
            {
                if (!whole || !SegmentHeader.TryRead(line, path, out opening))
                {
                    if (onBad != BadLine.Stop && !SegmentHeader.IsUnfinishedOfVersion1(rest)) throw new JournalCorruptException(path, 0, "its first line is not that of a segment");
                    break;
                }
                good = appendStart = newline + 1;
            }
            else if (!line.IsEmpty || !whole || opening.Version > 1)
            {
                JournalLine header = default;
                if (!whole || !LineTrailer.TryRead(line, out var mark) || !JournalLine.TryReadHeader(line, out header))
                {
                    TornTail.Check(path, rest, at, places, onBad);
                    break;
                }
                var wrong = opening.Version > 1 && mark.IsOfVersion1 ? "a line of an earlier version" : places.Take(mark, at, within: count > 0);
                if (count++ == 0) (stream, firstSeq, appendStart) = (names.Of(header.Stream), header.Seq, at);
                else if (header.Seq != firstSeq + count - 1) wrong ??= $"seq {header.Seq} follows {firstSeq + count - 2} within one append";
                if (wrong is not null)
                {
                    // Whole lines at the wrong place: no power cut does that.
                    if (onBad != BadLine.Stop) throw new JournalCorruptException(path, at, wrong);
                    break;
                }
                if (mark.EndOfAppend)
                {
                    good = at + newline + 1;
                    if (appends.Count == 0) firstCommit = mark.Commit;
                    appends.Add(new(stream, firstSeq, count, appendStart, (int)(good - appendStart), header.EndsRun));
                    count = 0;
                }
            }
            at += newline + 1;
            rest = rest[(newline + 1)..];
        }
        if (bytes.Length == 0 && from == 0 && onBad != BadLine.Stop) throw new JournalCorruptException(path, 0, "the file is empty");
        if (onBad == BadLine.Refuse && good < from + bytes.Length) throw new JournalCorruptException(path, good, "the last append is incomplete");
        return new(opening, appends, good, from + bytes.Length, firstCommit, places.Commit);
    }

    private static byte[] ReadFrom(string path, long from)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = Math.Max(0, RandomAccess.GetLength(file) - from);
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)length));
        var done = 0;
        while (done < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(done), from + done) is > 0 and var n) done += n;
        return done == bytes.Length ? bytes : bytes[..done];
    }

    /// <summary>One StreamId per name instead of one per line.</summary>
    private sealed class StreamNames
    {
        private readonly Dictionary<string, StreamId> _known = [];
        private readonly Dictionary<string, StreamId>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

        public StreamNames() => _bySpan = _known.GetAlternateLookup<ReadOnlySpan<char>>();

        public StreamId Of(ReadOnlySpan<byte> utf8)
        {
            Span<char> text = stackalloc char[256];
            if (utf8.Length <= text.Length && _bySpan.TryGetValue(text[..Encoding.UTF8.GetChars(utf8, text)], out var id)) return id;
            id = new(Encoding.UTF8.GetString(utf8));
            return _known[id.ToString()] = id;
        }
    }
}
