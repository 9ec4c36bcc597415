using System.Runtime.CompilerServices;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>A journal that ends with the process: for tests and dry runs. Same contract as the one on disk, durability aside.</summary>
public sealed class MemoryRunJournal : IRunJournal, IRunOwnership, IUnfinishedRuns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamId, List<RecordedEvent>> _streams = [];
    private readonly Dictionary<StreamId, long> _epochs = [];
    private readonly HashSet<StreamId> _released = [];
    private readonly List<RecordedEvent> _all = [];
    private bool _disposed;

    /// <inheritdoc/>
    public TimeSpan LeaseTime => Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    public ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability)
    {
        AppendRules.Check(stream, expectedVersion, events);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (epoch < _epochs.GetValueOrDefault(stream) || _released.Contains(stream)) return ValueTask.FromException(JournalConflictException.Claimed(stream));
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
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, [EnumeratorCancellation] CancellationToken stop)
    {
        RecordedEvent[] events;
        lock (_gate) events = _streams.TryGetValue(stream, out var known) ? [.. known.Skip((int)Math.Min(after, int.MaxValue))] : [];
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
    /// <remarks>In one process no owner is dead: what was released is abandoned.</remarks>
    public Task<IReadOnlyList<AdoptedRun>> ClaimAbandonedAsync()
    {
        lock (_gate) return Task.FromResult<IReadOnlyList<AdoptedRun>>([.. OpenRuns().Where(r => _released.Contains(StreamId.Run(r))).Order().Select(Claim)]);
    }

    /// <inheritdoc/>
    /// <remarks>Every caller may claim it: nothing here knows whether an owner lives.</remarks>
    public Task<AdoptedRun?> ClaimAsync(RunId run)
    {
        lock (_gate) return Task.FromResult(OpenRuns().Contains(run) ? Claim(run) : null);
    }

    /// <inheritdoc/>
    public bool Renew() => true;

    /// <inheritdoc/>
    public void Release(RunId run)
    {
        lock (_gate) _released.Add(StreamId.Run(run));
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<RunId> ListUnfinished()
    {
        lock (_gate) return OpenRuns();
    }

    /// <inheritdoc/>
    public bool HasLiveOwner(RunId run)
    {
        lock (_gate) return !_disposed && !_released.Contains(StreamId.Run(run)) && _streams.ContainsKey(StreamId.Run(run));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate) _disposed = true;
        return ValueTask.CompletedTask;
    }

    private List<RunId> OpenRuns()
    {
        var open = new List<RunId>();
        foreach (var (stream, events) in _streams)
            if (stream.TryGetRun(out var run) && events[^1].Event is not WorkflowEnded) open.Add(run);
        return open;
    }

    private AdoptedRun Claim(RunId run)
    {
        var stream = StreamId.Run(run);
        _released.Remove(stream);
        var epoch = _epochs[stream] = _epochs.GetValueOrDefault(stream) + 1;
        return new(run, [.. _streams[stream]], epoch);
    }
}
