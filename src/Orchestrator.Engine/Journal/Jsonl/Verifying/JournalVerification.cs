using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl.Verifying;

/// <summary>
/// Reads all that the journal of a data directory consists of: every line of segments and archives, that no event is missing in a stream, and that every
/// definition a run was started with is there. Changes nothing and takes no lock; writers may be at work.
/// </summary>
internal sealed class JournalVerification(RunPaths paths)
{
    private const int MaxFindings = 10_000;
    private readonly Dictionary<StreamId, SeqRanges> _streams = [];
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly List<JournalFinding> _found = [];
    private readonly RunReader _reader = new(paths);
    private readonly DefinitionStore _definitions = new(paths);
    private readonly StreamArchive _archive = new(paths);
    private int _segments, _archives;
    private long _events;

    /// <summary>Looks at everything.</summary>
    public JournalVerified Run(CancellationToken stop)
    {
        foreach (var folder in Folders()) Segments(folder, stop);
        foreach (var stream in _archive.Streams()) System(stream);
        foreach (var (stream, ranges) in _streams) Stream(stream, ranges);
        foreach (var run in _reader.ArchivedRuns())
        {
            stop.ThrowIfCancellationRequested();
            Archive(run);
        }
        foreach (var (version, run) in _versions)
            if (_definitions.Find(version) is null) Found(new("definition", $"definitions/{version}.json", null, $"missing or damaged; {run} was started with it"));
        return new(_segments, _archives, _streams.Count, _events, _versions.Count, _found);
    }

    private IEnumerable<string> Folders() => Directory.Exists(paths.Journal) ? Directory.GetDirectories(paths.Journal).Order(StringComparer.Ordinal) : Enumerable.Empty<string>();

    private void Segments(string folder, CancellationToken stop)
    {
        foreach (var (path, _, scan, problem, isUnwritten) in FolderScan.Read(paths, folder))
        {
            stop.ThrowIfCancellationRequested();
            if (isUnwritten) continue;
            switch (problem)
            {
                case JournalCorruptException e:
                    Found(new("segment", Name(e.Segment), e.Offset, e.What));
                    Salvaged(path);
                    continue;
                case JournalFormatException e:
                    Found(new("segment", Name(path), null, e.Message));
                    continue;
                case not null:
                    continue;   // all it held was archived meanwhile
            }
            _segments++;
            foreach (var append in scan!.Appends) Append(path, append);
            if (scan.FileLength > scan.GoodLength && new FileInfo(path).Length == scan.FileLength)   // else it is being written
                Found(new("segment", Name(path), scan.GoodLength, $"{scan.FileLength - scan.GoodLength} bytes that belong to no whole append: never acknowledged; the next start cuts them unless a process is still writing the rest", IsDamage: false));
        }
    }

    // What can still be read of a damaged segment is not missing.
    private void Salvaged(string path)
    {
        try
        {
            if (RegularFile.TryRead(path) is not { } bytes) return;
            foreach (var append in Salvage.Read(bytes, path).Appends) Add(append.Stream, append.FirstSeq, append.Lines.Count);
        }
        catch (JournalFormatException) { }   // it is said where the segment is read
    }

    private void Add(StreamId stream, long firstSeq, int count)
    {
        if (!_streams.TryGetValue(stream, out var ranges)) _streams[stream] = ranges = new();
        ranges.Add(firstSeq, firstSeq + count - 1);
        _events += count;
    }

    private void Append(string path, ScannedAppend append)
    {
        Add(append.Stream, append.FirstSeq, append.Count);
        using var file = RegularFile.TryOpen(path);
        var bytes = new byte[append.Length];
        if (file is null || RandomAccess.Read(file, bytes, append.Offset) < bytes.Length) return;
        foreach (var e in EventLines.DecodeWhole(bytes, append.Stream, (at, why) => Found(new("segment", Name(path), append.Offset + at, why.Message))))
            if (e.Event is WorkflowCreated created) _versions.TryAdd(created.DefinitionVersion, append.Stream.ToString());
    }

    private void Stream(StreamId stream, SeqRanges ranges)
    {
        var isRun = stream.TryGetRun(out var run);
        var holes = ranges.Holes(isRun ? 1 : ranges.First).ToList();
        if (holes.Count == 0) return;
        // Of a run that is archived some segments may be gone already, and a run may have been archived since.
        if (isRun && _reader.ReadEventsAsync(run).GetAwaiter().GetResult() is { Count: > 0 } events && events[^1].Seq >= ranges.Last && events[0].Seq == 1 && events.Count == events[^1].Seq) return;
        foreach (var (first, last) in holes) Found(new("stream", stream.ToString(), null, $"{Events(first, last)} missing"));
    }

    private void System(StreamId stream)
    {
        if (!_streams.TryGetValue(stream, out var ranges)) _streams[stream] = ranges = new();
        var parts = _archive.PartsOf(stream);
        foreach (var (path, _) in parts)
        {
            if (RegularFile.TryRead(path) is not { } bytes) continue;   // let go of meanwhile
            try
            {
                _archives++;
                foreach (var e in Whole(path, bytes, stream))
                {
                    ranges.Add(e.Seq, e.Seq);
                    _events++;
                }
            }
            catch (JournalCorruptException e)
            {
                // What a crash has torn off the end is still in its segment, and written again.
                Found(new("archive", Name(path), e.Offset, e.What, IsDamage: path != parts[^1].Path || !StreamArchive.IsTorn(bytes, e.Offset)));
            }
            catch (JournalFormatException e) { Found(new("archive", Name(path), null, e.Message)); }
        }
    }

    private static IEnumerable<RecordedEvent> Whole(string path, byte[] bytes, StreamId stream)
    {
        foreach (var range in Lines(bytes))
        {
            var line = bytes.AsSpan(range);
            if (!LineTrailer.TryRead(line, out _)) throw new JournalCorruptException(path, range.Start.Value, "the line is not what was written");
            var e = JournalCodec.Read(line);
            if (e.Stream != stream) throw new JournalCorruptException(path, range.Start.Value, $"an event of {e.Stream}");
            yield return e;
        }
    }

    private void Archive(RunId run)
    {
        _archives++;
        var path = paths.EventsOf(run);
        if (RegularFile.TryRead(path) is not { } bytes) return;
        try
        {
            var (stream, events) = (StreamId.Run(run), new List<RecordedEvent>());
            var at = 0;
            foreach (var range in Lines(bytes))
            {
                var line = bytes.AsSpan(at = range.Start.Value, range.End.Value - range.Start.Value);
                if (!LineTrailer.TryRead(line, out _)) throw new JournalCorruptException(path, at, "the line is not what was written");
                var e = JournalCodec.Read(line);
                if (e.Stream != stream) throw new JournalCorruptException(path, at, $"an event of {e.Stream}");
                if (e.Seq != events.Count + 1) throw new JournalCorruptException(path, at, $"event {e.Seq} was found where event {events.Count + 1} was expected");
                events.Add(e);
            }
            _events += events.Count;
            if (events.Count == 0 || events[^1].Event is not WorkflowEnded) throw new JournalCorruptException(path, bytes.Length, "the run's end is missing");
            if (events[0].Event is WorkflowCreated created) _versions.TryAdd(created.DefinitionVersion, stream.ToString());
        }
        catch (JournalCorruptException e) { Found(new("archive", Name(path), e.Offset, e.What)); }
        catch (JournalFormatException e) { Found(new("archive", Name(path), null, e.Message)); }
    }

    private static IEnumerable<Range> Lines(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var newline = Array.IndexOf(bytes, (byte)'\n', at);
            var end = newline < 0 ? bytes.Length : newline;
            yield return at..end;
            at = end + 1;
        }
    }

    private void Found(JournalFinding finding)
    {
        if (_found.Count < MaxFindings) _found.Add(finding);
    }

    private string Name(string path) => Path.GetRelativePath(paths.Root, path);

    internal static string Events(long first, long last) => first == last ? $"event {first}" : $"events {first} to {last}";
}
