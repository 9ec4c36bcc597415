using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.Engine.Telemetry.Logging;
using Orchestrator.Engine.Telemetry.Metrics;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry;

/// <summary>
/// The way from the run loop to spans and log records: bounded by events, the newest are dropped when it is full, one
/// reader. A run's first event is kept outside the queue, so its spans never lose their trace.
/// </summary>
internal sealed class LifecycleQueue : IAsyncDisposable
{
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<RunId, RunTrail> _runs = new();
    private readonly int _capacity;
    private readonly TracingSink _tracing;
    private readonly LoggingSink _logging;
    private readonly RunMetrics _metrics;
    private readonly TelemetryHealth _health;
    private readonly ILogger _log;
    private readonly string _full;
    private readonly Lock _starting = new();
    private Task? _reader;
    private int _waiting;
    private int _overflowing;

    public LifecycleQueue(int capacity, TracingSink tracing, LoggingSink logging, RunMetrics metrics, TelemetryHealth health, ILogger log)
    {
        (_capacity, _tracing, _logging, _metrics, _health, _log) = (capacity, tracing, logging, metrics, health, log);
        _full = string.Create(CultureInfo.InvariantCulture, $"{capacity} events wait to become spans and log records; newer ones are dropped until there is room");
    }

    public void Add(AppendedBatch batch)
    {
        if (TrailOf(batch) is { } trail) Add(new Item { Trail = trail, Batch = batch }, batch.Events.Count);
    }

    public void Add(RecordedEvent system) => Add(new Item { System = system }, 1);

    public void Forget(RunId run) => _runs.TryRemove(run, out _);

    public async ValueTask FlushAsync(CancellationToken stop)
    {
        if (_reader is null) return;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_items.Writer.TryWrite(new Item { Flushed = done })) return;
        await done.Task.WaitAsync(stop).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        Task? reader;
        lock (_starting) reader = _reader;
        if (reader is not null) await reader.ConfigureAwait(false);
    }

    /// <summary>The run's trail; null for a run whose beginning was not published, because there was no listener then.</summary>
    private RunTrail? TrailOf(AppendedBatch batch)
    {
        var ended = batch.Events is [.., { Event: WorkflowEnded }];
        if (batch.Events is [{ Event: WorkflowCreated } first, ..])
            return ended ? _tracing.Follow(batch, first) : _runs.GetOrAdd(batch.RunId, static (_, a) => a.tracing.Follow(a.batch, a.first), (tracing: _tracing, batch, first));
        var known = ended ? _runs.TryRemove(batch.RunId, out var trail) : _runs.TryGetValue(batch.RunId, out trail);
        return known ? trail : null;
    }

    private void Add(Item item, int events)
    {
        // One batch is always taken into an empty queue: the history of a large run may be longer than the queue.
        var waiting = Interlocked.Add(ref _waiting, events);
        if ((waiting > _capacity && waiting != events) || !_items.Writer.TryWrite(item))
        {
            Interlocked.Add(ref _waiting, -events);
            Dropped(events);
            return;
        }
        if (_reader is null) Start();
    }

    private void Dropped(int events)
    {
        _metrics.Drop(events, "queue_full");
        _health.Lost(TelemetrySignal.Events, events, _full);
        Volatile.Write(ref _overflowing, 1);
    }

    private void Start()
    {
        lock (_starting)
        {
            if (_reader is not null) return;
            // The reader lives as long as the process: it must not inherit the ambient span of the first publisher.
            using (ExecutionContext.SuppressFlow()) _reader = Task.Run(ReadAsync);
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var item in _items.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (item.Flushed is { } flushed)
            {
                flushed.TrySetResult();
                continue;
            }
            await EmitAsync(item).ConfigureAwait(false);
            var left = Interlocked.Add(ref _waiting, -(item.Batch?.Events.Count ?? 1));
            if (left <= _capacity / 2 && Interlocked.Exchange(ref _overflowing, 0) == 1) _health.Over(TelemetrySignal.Events);
        }
    }

    private async ValueTask EmitAsync(Item item)
    {
        try
        {
            if (item is { Trail: { } trail, Batch: { } batch })
            {
                await _tracing.EmitAsync(trail, batch).ConfigureAwait(false);
                _logging.Emit(trail, batch);
            }
            else if (item.System is { } system) _logging.Emit(system);
        }
        catch (Exception e)   // one bad event must not end telemetry for the rest
        {
            _metrics.Drop(item.Batch?.Events.Count ?? 1, "sink_failed");
            LifecycleLog.SinkFailed(_log, e);
        }
    }

    private sealed record Item
    {
        public RunTrail? Trail { get; init; }
        public AppendedBatch? Batch { get; init; }
        public RecordedEvent? System { get; init; }
        public TaskCompletionSource? Flushed { get; init; }
    }
}
