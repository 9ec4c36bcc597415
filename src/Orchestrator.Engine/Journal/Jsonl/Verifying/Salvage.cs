using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl.Verifying;

/// <summary>An append that can still be read, wherever it stands.</summary>
internal sealed record SalvagedAppend(StreamId Stream, long FirstSeq, long Commit, IReadOnlyList<byte[]> Lines)
{
    public long LastSeq => FirstSeq + Lines.Count - 1;
}

/// <summary>What can still be read of a damaged segment: every whole line of every whole append, also where the newline between two is gone.</summary>
internal static class Salvage
{
    private const int LongestTrailer = 16;

    private static ReadOnlySpan<byte> LineStart => "{\"seq\":"u8;

    private static ReadOnlySpan<byte> Checksum => ",\"c\":\""u8;

    /// <returns>The appends, and how many bytes are none of a whole line.</returns>
    public static (List<SalvagedAppend> Appends, long Unreadable) Read(ReadOnlySpan<byte> bytes, string path)
    {
        var appends = new List<SalvagedAppend>();
        var open = new List<byte[]>();
        (StreamId Stream, long Seq, long Commit) last = default;
        long unreadable = 0;
        var at = HeaderLength(bytes, path);
        while (at < bytes.Length)
        {
            var start = bytes[at..].IndexOf(LineStart);
            if (start < 0)
            {
                unreadable += bytes.Length - at;
                break;
            }
            unreadable += start;
            at += start;
            if (!TryLine(bytes[at..], out var length, out var mark) || !JournalLine.TryReadHeader(bytes.Slice(at, length), out var header))
            {
                unreadable++;
                at++;
                continue;
            }
            StreamId stream = new(Encoding.UTF8.GetString(header.Stream));
            if (open.Count > 0 && (stream != last.Stream || header.Seq != last.Seq + 1 || mark.Commit != last.Commit)) open.Clear();   // its end is lost
            open.Add(bytes.Slice(at, length).ToArray());
            last = (stream, header.Seq, mark.Commit);
            if (mark.EndOfAppend)
            {
                appends.Add(new(stream, header.Seq - open.Count + 1, mark.Commit, [.. open]));
                open.Clear();
            }
            at += length;
            if (at < bytes.Length && bytes[at] == '\n') at++;
        }
        return (appends, unreadable);
    }

    /// <summary>The last commit of which anything can be read in a damaged segment; 0: none.</summary>
    public static long LastCommit(string path) =>
        RegularFile.TryRead(path) is { } bytes ? Read(bytes, path).Appends.Select(a => a.Commit).DefaultIfEmpty().Max() : 0;

    private static int HeaderLength(ReadOnlySpan<byte> bytes, string path)
    {
        var newline = bytes.IndexOf((byte)'\n');
        return newline >= 0 && SegmentHeader.TryRead(bytes[..newline], path, out _) ? newline + 1 : 0;
    }

    private static bool TryLine(ReadOnlySpan<byte> bytes, out int length, out LineMark mark)
    {
        (length, mark) = (0, default);
        var newline = bytes.IndexOf((byte)'\n');
        var most = newline < 0 ? bytes.Length : newline;
        for (var at = 0; bytes[at..most].IndexOf(Checksum) is >= 0 and var found; at += found + 1)
        {
            length = at + found + LongestTrailer;
            if (length <= most && LineTrailer.TryRead(bytes[..length], out mark)) return true;
        }
        return false;
    }
}
