using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl.Feed;

/// <summary>Events read again for slow readers; the last runs read are kept, bounded by their events.</summary>
/// <param name="reader">Reads runs.</param>
/// <param name="system">Reads a stream that is no run's.</param>
internal sealed class HistoryCache(RunReader reader, Func<StreamId, CancellationToken, Task<IReadOnlyList<RecordedEvent>>> system) : IDisposable
{
    private const int MaxEvents = 100_000;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly LinkedList<(StreamId Stream, IReadOnlyList<RecordedEvent> Events)> _kept = [];

    /// <summary>The events of a record; empty when they are gone.</summary>
    public async Task<IReadOnlyList<RecordedEvent>> EventsAsync(FeedRecord record, CancellationToken stop)
    {
        var last = record.FirstSeq + record.Count - 1;
        var all = await StreamAsync(record.Stream, last, stop).ConfigureAwait(false);
        if (all.Count == 0) return [];
        var from = (int)Math.Max(0, record.FirstSeq - all[0].Seq);
        return from == 0 && all.Count == record.Count ? all : [.. all.Skip(from).TakeWhile(e => e.Seq <= last)];
    }

    /// <summary>A stream's events up to one at least, as far as they are there.</summary>
    public async Task<IReadOnlyList<RecordedEvent>> StreamAsync(StreamId stream, long upTo, CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            for (var node = _kept.First; node is not null; node = node.Next)
            {
                if (node.Value.Stream != stream) continue;
                _kept.Remove(node);
                if (node.Value.Events[^1].Seq < upTo) break;
                _kept.AddFirst(node);
                return node.Value.Events;
            }
            var events = await ReadAsync(stream, stop).ConfigureAwait(false);
            if (events.Count > 0) _kept.AddFirst((stream, events));
            while (_kept.Count > 1 && _kept.Sum(k => k.Events.Count) > MaxEvents) _kept.RemoveLast();
            return events;
        }
        finally { _turn.Release(); }
    }

    public void Dispose() => _turn.Dispose();

    private Task<IReadOnlyList<RecordedEvent>> ReadAsync(StreamId stream, CancellationToken stop) => stream.TryGetRun(out var run) ? reader.ReadEventsAsync(run, stop) : system(stream, stop);
}
