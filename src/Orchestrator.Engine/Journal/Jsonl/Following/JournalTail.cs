using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl.Following;

/// <summary>One append as it was found: its lines are good until the tail is read again.</summary>
internal readonly record struct TailedAppend(StreamId Stream, long FirstSeq, int Count, bool EndsRun, string Path, long Offset, ReadOnlyMemory<byte> Lines)
{
    public long LastSeq => FirstSeq + Count - 1;

    /// <summary>Its events, up to one that cannot be read.</summary>
    public List<RecordedEvent> Decode(UnreadableLines unreadable)
    {
        var (stream, path, offset) = (Stream, Path, Offset);
        return EventLines.DecodeWhole(Lines.Span, stream, (at, why) => unreadable.Note(stream, path, offset + at, why));
    }
}

/// <summary>
/// Reads the segments of all writers as they grow, a bounded piece at a time. Files are kept open, so that what stands in a segment is read to its end even
/// when the segment has been archived and deleted meanwhile. Takes no lock and stops at a line that is not whole yet.
/// </summary>
/// <param name="paths">The data directory.</param>
/// <param name="own"> The journal that this process writes: of its segments only what is acknowledged is read. Of others it can be known that an append is
/// whole and its lines undamaged, not that it has reached the disk: where its writer's sync fails, or the power does, it may be taken back.
/// </param>
internal sealed class JournalTail(RunPaths paths, JsonlRunJournal? own = null) : IDisposable
{
    private const int Piece = 1 << 20;
    private readonly SortedDictionary<string, OpenSegment> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = [];
    private byte[] _buffer = new byte[Piece];

    /// <summary>A segment was created and deleted unseen: the archives must be searched for its events. The search resets it.</summary>
    public bool Missed { get; set; }

    /// <summary>Looks for new and vanished files; to be called before a round of <see cref="Read"/>.</summary>
    public void Refresh()
    {
        var there = new HashSet<string>(StringComparer.Ordinal);
        if (Directory.Exists(paths.Journal))
            foreach (var folder in Directory.EnumerateDirectories(paths.Journal))
                foreach (var (path, number) in SegmentsIn(folder))
                {
                    there.Add(path);
                    if (!_files.ContainsKey(path)) Open(folder, path, number);
                }
        foreach (var (path, file) in _files)
            if (!there.Contains(path)) file.Gone = true;
    }

    /// <summary>Appends of the next piece that has some; empty when everything has been read.</summary>
    public IReadOnlyList<TailedAppend> Read()
    {
        foreach (var (path, file) in _files)
        {
            while (LengthOf(path, file) > file.Offset)
            {
                var appends = ReadPiece(file, LengthOf(path, file));
                if (appends.Count > 0) return appends;
                if (!file.Progressed) break;
            }
            if (!file.Gone) continue;
            file.Dispose();
            _files.Remove(path);
            return Read();
        }
        return [];
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
        _files.Clear();
    }

    private static IReadOnlyList<(string Path, int Number)> SegmentsIn(string folder)
    {
        try { return Segment.In(folder); }
        catch (DirectoryNotFoundException) { return []; }
    }

    private void Open(string folder, string path, int number)
    {
        Missed |= _numbers.TryGetValue(folder, out var last) && number > last + 1;
        _numbers[folder] = Math.Max(last, number);
        try { _files[path] = new(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { Missed = true; }
    }

    private long LengthOf(string path, OpenSegment file)
    {
        var length = RandomAccess.GetLength(file.Handle);   // first: see there
        return own?.AcknowledgedLength(path) is { } most && most < length ? most : length;
    }

    private List<TailedAppend> ReadPiece(OpenSegment file, long upTo)
    {
        file.Progressed = false;
        var appends = new List<TailedAppend>();
        var length = upTo - file.Offset;
        if (length <= 0) return appends;
        var wanted = (int)Math.Min(length, Math.Max(Piece, file.Wanted));
        if (_buffer.Length < wanted) _buffer = new byte[wanted];
        var read = 0;
        while (read < wanted && RandomAccess.Read(file.Handle, _buffer.AsSpan(read, wanted - read), file.Offset + read) is > 0 and var n) read += n;
        var used = Scan(file, read, appends);
        file.Progressed = used > 0;
        // One append may be longer than a piece: then as much again is read at once.
        file.Wanted = used == 0 && read == wanted && wanted < length ? wanted * 2 : 0;
        if (file.Wanted > 0) file.Progressed = true;
        file.Offset += used;
        return appends;
    }

    private int Scan(OpenSegment file, int length, List<TailedAppend> appends)
    {
        var bytes = _buffer.AsMemory(0, length);
        int at = 0, good = 0, start = 0, count = 0;
        long firstSeq = 0;
        StreamId stream = default;
        while (bytes.Span[at..].IndexOf((byte)'\n') is >= 0 and var newline)
        {
            var line = bytes.Span.Slice(at, newline);
            var next = at + newline + 1;
            if (file.Offset + at == 0)
            {
                good = start = next;   // the header
            }
            else if (line.IsEmpty)
            {
                if (count == 0) good = start = next;
            }
            else
            {
                if (!LineTrailer.TryRead(line, out var mark) || !JournalLine.TryReadHeader(line, out var header)) break;
                if (count++ == 0) (stream, firstSeq, start) = (file.StreamOf(header.Stream), header.Seq, at);
                if (mark.EndOfAppend)
                {
                    appends.Add(new(stream, firstSeq, count, header.EndsRun, file.Path, file.Offset + start, bytes[start..next]));
                    count = 0;
                    good = next;
                }
            }
            at = next;
        }
        return good;
    }

    private sealed class OpenSegment(string path, SafeFileHandle handle) : IDisposable
    {
        private byte[] _lastName = [];
        private StreamId _last;

        public string Path { get; } = path;
        public SafeFileHandle Handle { get; } = handle;
        public long Offset { get; set; }
        public int Wanted { get; set; }
        public bool Gone { get; set; }
        public bool Progressed { get; set; }

        // Appends of one stream often follow each other.
        public StreamId StreamOf(ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual(_lastName)) return _last;
            _lastName = name.ToArray();
            return _last = new(System.Text.Encoding.UTF8.GetString(name));
        }

        public void Dispose() => Handle.Dispose();
    }
}
