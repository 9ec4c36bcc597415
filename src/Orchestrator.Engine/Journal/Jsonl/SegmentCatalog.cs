using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// What the segments of all writers hold, and the archives of streams that are no run's; read without
/// locks, each look only what was appended since the last.
/// </summary>
internal sealed class SegmentCatalog(RunPaths paths, Action<JournalCorruptException>? unreadable = null)
{
    private readonly Lock _gate = new();
    private readonly StreamArchive _archive = new(paths);
    private Dictionary<string, ReadSegment> _files = [];

    /// <summary>Lines met so far that are whole and cannot be read.</summary>
    public UnreadableLines Unreadable { get; } = new(unreadable);

    /// <summary>Runs that have events in segments.</summary>
    public IReadOnlyCollection<RunId> Runs()
    {
        lock (_gate)
        {
            Refresh();
            var runs = new HashSet<RunId>();
            foreach (var stream in _files.Values.SelectMany(f => f.Streams))
                if (stream.TryGetRun(out var run)) runs.Add(run);
            return runs;
        }
    }

    /// <summary>Folders of the writers that have events of a stream.</summary>
    public IReadOnlyCollection<string> FoldersOf(StreamId stream)
    {
        lock (_gate)
        {
            Refresh();
            return [.. _files.Where(f => f.Value.Of(stream).Count > 0).Select(f => Path.GetDirectoryName(f.Key)!).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>Streams that are no run's: of schedules and workers.</summary>
    public IReadOnlyCollection<StreamId> Streams()
    {
        lock (_gate)
        {
            Refresh();
            return [.. _files.Values.SelectMany(f => f.Streams).Where(s => !s.TryGetRun(out _)).Concat(_archive.Streams()).Distinct()];
        }
    }

    /// <summary>A stream's events in order, each once, up to the first hole.</summary>
    public IReadOnlyList<RecordedEvent> Read(StreamId stream, Func<IEnumerable<ScannedAppend>, IEnumerable<ScannedAppend>>? choose = null)
    {
        lock (_gate)
        {
            Refresh();
            var isRun = stream.TryGetRun(out _);
            var places = _files.SelectMany(f => f.Value.Of(stream).Select(a => (Path: f.Key, Append: a))).OrderBy(p => p.Append.FirstSeq).ToList();
            var chosen = choose?.Invoke(places.Select(p => p.Append)).ToHashSet();
            var events = new List<RecordedEvent>();
            foreach (var (path, append) in places)
            {
                if (chosen is not null && !chosen.Contains(append)) continue;
                foreach (var e in Decode(path, append))
                    if (events.Count == 0 || e.Seq == events[^1].Seq + 1 || (e.Seq > events[^1].Seq && !isRun)) events.Add(e);
            }
            if (isRun) return events;
            // Segments first: what leaves them meanwhile is in the archive by then.
            List<RecordedEvent> archived = [.. _archive.Read(stream)];
            return archived.Count == 0 ? events : [.. archived, .. events.Where(e => e.Seq > archived[^1].Seq)];
        }
    }

    /// <summary>The last events before one of a stream that is no run's, in order, each once.</summary>
    public IReadOnlyList<RecordedEvent> ReadLast(StreamId stream, int most, long before)
    {
        lock (_gate)
        {
            Refresh();
            var places = _files.SelectMany(f => f.Value.Of(stream).Select(a => (Path: f.Key, Append: a))).OrderBy(p => p.Append.FirstSeq).ToList();
            var end = Math.Max(_archive.LastSeq(stream), places.Select(p => p.Append.FirstSeq + p.Append.Count - 1).DefaultIfEmpty(0).Max());
            var last = Math.Min(before - 1, end);
            var first = Math.Max(1, last - most + 1);
            var events = new SortedDictionary<long, RecordedEvent>();
            foreach (var (path, append) in places.Where(p => p.Append.FirstSeq <= last && p.Append.FirstSeq + p.Append.Count > first))
                foreach (var e in Decode(path, append)) events[e.Seq] = e;
            // Segments first: what leaves them meanwhile is in the archive by then.
            foreach (var e in _archive.Read(stream, first - 1).TakeWhile(e => e.Seq <= last)) events[e.Seq] = e;
            return [.. events.Values.Where(e => e.Seq >= first && e.Seq <= last)];
        }
    }

    /// <summary>Segments in which something durable is damaged: later events of them are missing from the runs.</summary>
    public IReadOnlyList<JournalCorruptException> Damage()
    {
        var damage = new List<JournalCorruptException>();
        if (!Directory.Exists(paths.Journal)) return damage;
        foreach (var (path, _) in Directory.EnumerateDirectories(paths.Journal).SelectMany(SegmentsIn))
        {
            try { SegmentScan.Read(path, BadLine.CutTornTail); }
            catch (JournalCorruptException e) { damage.Add(e); }
            catch (FileNotFoundException) { }        // archived since
            catch (DirectoryNotFoundException) { }
        }
        return damage;
    }

    private List<RecordedEvent> Decode(string path, ScannedAppend append)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[append.Length];
            return RandomAccess.Read(file, bytes, append.Offset) == bytes.Length 
                ? EventLines.DecodeWhole(bytes, append.Stream, (at, why) => Unreadable.Note(append.Stream, path, append.Offset + at, why)) : [];
        }
        catch (FileNotFoundException) { return []; }        // archived or carried forward since: the caller looks again
        catch (DirectoryNotFoundException) { return []; }
    }

    private void Refresh()
    {
        var now = new Dictionary<string, ReadSegment>();
        if (Directory.Exists(paths.Journal))
            foreach (var folder in Directory.EnumerateDirectories(paths.Journal))
                foreach (var (path, _) in SegmentsIn(folder))
                {
                    var segment = _files.GetValueOrDefault(path) ?? new();
                    try
                    {
                        if (new FileInfo(path).Length > segment.Length) segment.Add(SegmentScan.Read(path, BadLine.Stop, segment.Length));
                        now[path] = segment;
                    }
                    catch (FileNotFoundException) { }
                    catch (DirectoryNotFoundException) { }
                }
        _files = now;
    }

    internal static IReadOnlyList<(string Path, int Number)> SegmentsIn(string folder)
    {
        try { return Segment.In(folder); }
        catch (DirectoryNotFoundException) { return []; }
    }

    /// <summary>What was read of a segment, by stream: asking for one of many runs does not look at the others.</summary>
    private sealed class ReadSegment
    {
        private readonly Dictionary<StreamId, List<ScannedAppend>> _appends = [];

        /// <summary>Bytes read.</summary>
        public long Length { get; private set; }

        public IEnumerable<StreamId> Streams => _appends.Keys;

        /// <summary>Appends to a stream, in the order of the file.</summary>
        public List<ScannedAppend> Of(StreamId stream) => _appends.TryGetValue(stream, out var appends) ? appends : [];

        public void Add(ScannedSegment scan)
        {
            foreach (var append in scan.Appends)
            {
                if (!_appends.TryGetValue(append.Stream, out var appends)) _appends[append.Stream] = appends = [];
                appends.Add(append);
            }
            Length = scan.GoodLength;
        }
    }
}
