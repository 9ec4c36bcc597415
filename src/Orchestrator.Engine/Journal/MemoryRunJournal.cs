using System.Runtime.CompilerServices;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>A journal that ends with the process: for tests and dry runs. Same contract as the one on disk, durability aside.</summary>
public sealed class MemoryRunJournal : IRunJournal
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamId, List<RecordedEvent>> _streams = [];
    private readonly List<RecordedEvent> _all = [];
    private bool _disposed;

    /// <inheritdoc/>
    public ValueTask AppendAsync(StreamId stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, AppendDurability durability)
    {
        AppendRules.Check(stream, expectedVersion, events);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var version = _streams.TryGetValue(stream, out var known) ? known.Count : 0;
            if (version != expectedVersion) return ValueTask.FromException(new JournalConflictException(stream, expectedVersion, version));
            if (known is null) _streams[stream] = known = [];
            known.AddRange(events);
            _all.AddRange(events);
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop)
    {
        lock (_gate) return new(_streams.ContainsKey(StreamId.Run(run)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, [EnumeratorCancellation] CancellationToken stop)
    {
        RecordedEvent[] events;
        lock (_gate) events = _streams.TryGetValue(stream, out var known) ? [.. known] : [];
        foreach (var e in events)
        {
            stop.ThrowIfCancellationRequested();
            yield return e;
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, [EnumeratorCancellation] CancellationToken stop)
    {
        int end;
        lock (_gate) end = _all.Count;
        for (var i = checked((int)Math.Max(0, after)); i < end; i++)
        {
            stop.ThrowIfCancellationRequested();
            RecordedEvent e;
            lock (_gate) e = _all[i];
            yield return new(i + 1, e);
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate) _disposed = true;
        return ValueTask.CompletedTask;
    }
}
