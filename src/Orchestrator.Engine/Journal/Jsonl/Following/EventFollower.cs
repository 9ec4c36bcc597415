using System.Diagnostics;
using System.Runtime.InteropServices;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl.Following;

/// <summary>
/// Reports every event of a data directory once, from all writers, in the order of each stream: finished runs from their archives, what is open or was not
/// archived yet from the segments. A look that finds nothing more ends; the next goes on from there. What it holds is bounded by open streams and the ids
/// of runs of the last days.
/// </summary>
internal sealed class EventFollower : IEventWatch
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(500);
    private const int Lot = 1000;
    private readonly RunPaths _paths;
    private readonly RunReader _reader;
    private readonly JournalTail _tail;
    private readonly ArchiveSweep _archives;
    private readonly Dictionary<StreamId, long> _seen = [];
    private readonly EndedRuns _ended;
    private readonly StreamArchive _streams;
    private readonly DateTimeOffset _streamsSince;
    private readonly RunId? _only;
    private long _sweptAt;
    private bool _thorough;
    private DateTimeOffset _sweptOn;
    private IReadOnlyList<TailedAppend> _found = [];
    private int _taken;

    /// <param name="paths">The data directory.</param>
    /// <param name="archivedSince">Archives that were written before this instant count as told.</param>
    /// <param name="only">The one run to tell of; null: everything.</param>
    /// <param name="own">The journal that this process writes: only durable events of it are reported.</param>
    /// <param name="unreadable">Hears of each stream in which a line cannot be read.</param>
    public EventFollower(RunPaths paths, DateTimeOffset archivedSince, RunId? only = null, JsonlRunJournal? own = null, Action<JournalCorruptException>? unreadable = null)
    {
        (_paths, _reader, _tail, _only) = (paths, new(paths, null, unreadable), new(paths, own), only);
        (_archives, _ended) = (new(paths, archivedSince), new(paths));
        (_streams, _streamsSince) = (new(paths), archivedSince);
    }

    /// <summary>Unreadable lines found so far: later events of their streams are not reported.</summary>
    public UnreadableLines Unreadable => _reader.Unreadable;

    /// <summary>Takes a stream as told up to an event.</summary>
    public void Skip(StreamId stream, long upTo, bool ended)
    {
        if (ended && stream.TryGetRun(out var run)) End(stream, run);
        else if (upTo > _seen.GetValueOrDefault(stream)) _seen[stream] = upTo;
    }

    /// <summary>Takes everything that is there as told. Nothing is decoded: only heads of lines are read.</summary>
    public void SkipAll()
    {
        _tail.Refresh();
        while (_tail.Read() is { Count: > 0 } appends)
            foreach (var append in appends) Skip(append.Stream, append.LastSeq, append.EndsRun);
    }

    /// <summary>The next look goes through archives too: what it ends with is all that there is.</summary>
    public void LookThoroughly() => Volatile.Write(ref _thorough, true);

    /// <summary>Everything that is new since the last look.</summary>
    /// <remarks>What is known as told moves after it was told: a look that is broken off by a fault goes on, the next time, with what it was at.</remarks>
    public IEnumerable<StreamPart> Look()
    {
        var first = _sweptAt == 0 || Volatile.Read(ref _thorough);
        if (first || Stopwatch.GetElapsedTime(_sweptAt) >= SweepInterval)
        {
            var (began, at) = (Stopwatch.GetTimestamp(), TimeProvider.System.GetUtcNow());
            foreach (var part in Archived(first)) yield return part;
            if (first)
                foreach (var part in ArchivedStreams()) yield return part;
            (_sweptAt, _sweptOn) = (first ? _sweptAt : began, at);
        }
        foreach (var part in Appended()) yield return part;   // where the last look was broken off
        _tail.Refresh();
        foreach (var part in Appended()) yield return part;
        if (_tail.Missed)
        {
            foreach (var part in ArchivedStreams()) yield return part;
            foreach (var stream in _seen.Keys.ToList())
                if (stream.TryGetRun(out var run) && File.Exists(_paths.EventsOf(run)) && Rest(stream, run) is { } part) yield return part;
            _tail.Missed = false;
        }
        if (first)
        {
            foreach (var part in Archived(thoroughly: true)) yield return part;   // archived between the first lists and the segments
            _sweptAt = Stopwatch.GetTimestamp();
            Volatile.Write(ref _thorough, false);
        }
        // Whatever the segments held of runs that had ended has been read by now: only a list of archives can bring one up again.
        if (_ended.Trim(_sweptOn)) _archives.Since = _ended.Horizon;
    }

    private IEnumerable<StreamPart> Appended()
    {
        while (_taken < _found.Count || Read())
        {
            if (Take(_found[_taken]) is { } part) yield return part;
            _taken++;
        }
    }

    private bool Read()
    {
        (_found, _taken) = ([], 0);   // what was found before lies in a buffer that is used again
        _found = _tail.Read();
        return _found.Count > 0;
    }

    /// <summary>Ids of ended runs that are held.</summary>
    public int Held => _ended.Count;

    public void Dispose() => _tail.Dispose();

    private IEnumerable<StreamPart> Archived(bool thoroughly)
    {
        foreach (var run in _only is { } one ? OneArchived(one) : _archives.New(_ended, thoroughly))
            if (Rest(StreamId.Run(run), run) is { } part) yield return part;
    }

    private IEnumerable<StreamPart> ArchivedStreams()
    {
        if (_only is not null) yield break;
        foreach (var stream in _streams.Streams())
        {
            var last = _streams.LastSeq(stream);   // what comes while it is read is read the next time
            var events = new List<RecordedEvent>();
            foreach (var e in _streams.Read(stream, _seen.GetValueOrDefault(stream), _streamsSince).TakeWhile(e => e.Seq <= last))
            {
                events.Add(e);
                if (events.Count < Lot) continue;
                yield return new(stream, [.. events]);
                _seen[stream] = events[^1].Seq;
                events.Clear();
            }
            if (events.Count > 0) yield return new(stream, events);
            if (last > _seen.GetValueOrDefault(stream)) _seen[stream] = last;
        }
    }

    private IEnumerable<RunId> OneArchived(RunId run) => _ended.Contains(run) || !File.Exists(_paths.EventsOf(run)) ? [] : [run];

    private StreamPart? Take(TailedAppend append)
    {
        var stream = append.Stream;
        var isRun = stream.TryGetRun(out var run);
        if (isRun ? _ended.Contains(run) || (_only is { } one && one != run) : _only is not null) return null;
        var seen = _seen.GetValueOrDefault(stream);
        if (append.LastSeq <= seen) return null;
        // A run's stream is whole: what is missing stands in another writer's folder.
        if (isRun && append.FirstSeq > seen + 1) return Rest(stream, run);
        var events = append.Decode(Unreadable);
        var (known, isWhole) = (append.FirstSeq + events.Count - 1, events.Count == append.Count);
        // What is missing of a schedule's or node's has left its segment before it was seen, or is lost.
        if (!isRun && append.FirstSeq > seen + 1) events.InsertRange(0, _streams.Read(stream, seen, _streamsSince).TakeWhile(e => e.Seq < append.FirstSeq));
        if (append.FirstSeq <= seen) events.RemoveAll(e => e.Seq <= seen);
        if (isRun && append.EndsRun && isWhole) End(stream, run);
        else if (isWhole || !isRun) _seen[stream] = append.LastSeq;   // of a system stream a later event may be told without those before it
        else if (known > seen) _seen[stream] = known;
        return new(stream, events);
    }

    private StreamPart? Rest(StreamId stream, RunId run)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, stream, out _);
        var from = seen;
        var all = _reader.ReadEventsAsync(run).GetAwaiter().GetResult();
        if (all.Count == 0 || all[^1].Seq <= from)
        {
            if (from == 0) _seen.Remove(stream);
            return null;
        }
        var events = from == 0 ? all : [.. all.Where(e => e.Seq > from)];
        if (all[^1].Event is WorkflowEnded) End(stream, run);
        else seen = all[^1].Seq;
        return new(stream, events);
    }

    private void End(StreamId stream, RunId run)
    {
        _seen.Remove(stream);
        _ended.Add(run);
    }
}
