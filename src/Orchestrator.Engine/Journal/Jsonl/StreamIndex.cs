using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Where one append of a stream lies.</summary>
internal readonly record struct Extent(Segment Segment, long Offset, int Length, long FirstSeq, int Count)
{
    public long LastSeq => FirstSeq + Count - 1;
}

/// <summary>A stream that still has events in segments.</summary>
internal sealed class StreamEntry(StreamId id)
{
    private long _epoch;

    public StreamId Id { get; } = id;
    public RunId? Run { get; } = id.TryGetRun(out var run) ? run : null;

    /// <summary>Version readers see. Guarded by the index.</summary>
    public long Version { get; set; }

    /// <summary>Version after what the writer thread has in hand; only that thread uses it.</summary>
    public long Pending { get; set; }

    /// <summary>Raised by each claim: appends with an earlier one are refused. Read by the writer thread, set under the index's lock.</summary>
    public long Epoch
    {
        get => Volatile.Read(ref _epoch);
        set => Volatile.Write(ref _epoch, value);
    }

    /// <summary>A terminal event is there: to be archived.</summary>
    public bool Ended { get; set; }

    /// <summary>In order of seq. Replaced, never changed in place, except by appending under the index's lock.</summary>
    public List<Extent> Extents { get; set; } = [];
}

/// <summary>Which streams have events in segments, and where. One lock, taken once per group of appends.</summary>
internal sealed class StreamIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamId, StreamEntry> _streams = [];

    /// <summary>The entry of a stream, a new one where there is none yet.</summary>
    public StreamEntry GetOrAdd(StreamId id)
    {
        lock (_gate) return _streams.TryGetValue(id, out var entry) ? entry : _streams[id] = new(id);
    }

    public bool Contains(StreamId id)
    {
        lock (_gate) return _streams.TryGetValue(id, out var entry) && entry.Version > 0;
    }

    /// <summary>Raises a stream's epoch and gives it.</summary>
    public long Claim(StreamId id)
    {
        lock (_gate) return ++GetOrAdd(id).Epoch;
    }

    public void Publish(StreamEntry entry, Extent extent, bool ended)
    {
        lock (_gate)
        {
            entry.Extents.Add(extent);
            entry.Version = extent.LastSeq;
            entry.Ended |= ended;
        }
    }

    /// <summary>Puts recovered extents in; they are complete and in order.</summary>
    public void Load(StreamEntry entry, List<Extent> extents, bool ended)
    {
        lock (_gate)
        {
            var known = entry.Version;
            entry.Extents = extents;
            entry.Version = entry.Pending = Math.Max(known, extents[^1].LastSeq);
            entry.Ended |= ended;
        }
    }

    /// <summary>The events of <paramref name="from"/> now live in <paramref name="to"/>.</summary>
    public void Move(StreamEntry entry, Segment from, Extent to)
    {
        lock (_gate)
        {
            // Piece by piece: later parts of the old segment stay until they are copied too.
            var kept = entry.Extents.Where(e => e.Segment != from || e.LastSeq > to.LastSeq).ToList();
            var at = kept.FindIndex(e => e.LastSeq > to.LastSeq);
            kept.Insert(at < 0 ? kept.Count : at, to);
            entry.Extents = kept;
        }
    }

    /// <summary>What still lies in a segment.</summary>
    public IReadOnlyList<(StreamEntry Entry, Extent Extent)> In(Segment segment)
    {
        lock (_gate)
            return _streams.Count == 0 ? Array.Empty<(StreamEntry, Extent)>() : [.. _streams.Values.SelectMany(s => s.Extents.Where(e => e.Segment == segment).Select(e => (s, e)))];
    }

    /// <summary>Forgets where events are that have an archive now; the stream keeps its version.</summary>
    public void Drop(StreamEntry entry, long upTo)
    {
        lock (_gate) entry.Extents = [.. entry.Extents.Where(e => e.LastSeq > upTo)];
    }

    /// <summary>The stream continues after an event that is in no segment.</summary>
    public void GoOn(StreamEntry entry, long version)
    {
        lock (_gate) entry.Version = entry.Pending = Math.Max(entry.Version, version);
    }

    public void Forget(StreamEntry entry)
    {
        lock (_gate) _streams.Remove(entry.Id);
    }

    public IReadOnlyList<Extent> ExtentsOf(StreamId id)
    {
        lock (_gate) return _streams.TryGetValue(id, out var entry) ? [.. entry.Extents] : [];
    }

    public IReadOnlyList<StreamEntry> All()
    {
        lock (_gate) return [.. _streams.Values.Where(e => e.Version > 0)];
    }
}
