using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.Engine.Telemetry.Logging;
using Orchestrator.Engine.Telemetry.Metrics;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry;

/// <summary>
/// Tells the world what is in the journal. Metrics are recorded at once and never lost; spans and log records are made
/// by one task that reads a bounded queue, so that nothing out there can fail, block or slow a run. What does not fit is
/// dropped, counted and said once. Costs next to nothing without listeners.
/// </summary>
public sealed class LifecyclePublisher : IAsyncDisposable
{
    private readonly RunMetrics _metrics;
    private readonly TracingSink _tracing;
    private readonly LoggingSink _logging;
    private readonly LifecycleQueue _queue;
    private readonly ILogger _log;
    private ImmutableArray<Action<AppendedBatch>> _observers = [];
    private ImmutableArray<Action<RecordedEvent>> _systemObservers = [];

    /// <param name="options">Limits and addresses.</param>
    /// <param name="producer">This process, as events name it.</param>
    /// <param name="clock">For the age of what waits.</param>
    /// <param name="loggers">Where events are logged and this class complains.</param>
    /// <param name="health">Notified when events are lost for want of room; null: not needed.</param>
    public LifecyclePublisher(LifecycleOptions options, EventProducer producer, TimeProvider clock, ILoggerFactory loggers, TelemetryHealth? health = null)
    {
        _log = loggers.CreateLogger<LifecyclePublisher>();
        Installation = options.Installation;
        _tracing = new TracingSink(options);
        _metrics = new RunMetrics(clock, () => _tracing.Active);
        _logging = new LoggingSink(loggers.CreateLogger(TelemetryNames.LogCategory), producer, options.Installation);
        _queue = new LifecycleQueue(options.QueueCapacity, _tracing, _logging, _metrics, health ?? new TelemetryHealth(clock, _log), _log);
        if (!DerivedSpanId.Works) LifecycleLog.TracingUnavailable(_log);
    }

    /// <summary>Where slots and the worker's state are read when metrics are collected; may be called on any thread.</summary>
    public Func<EngineSnapshot>? Snapshot
    {
        get => _metrics.Snapshot;
        set => _metrics.Snapshot = value;
    }

    /// <summary>Where the installation's id is known, which enters the ids of events that belong to no run.</summary>
    internal Func<string?> Installation { get; }

    /// <summary>Where the workflow of each schedule that is wrong is read when metrics are collected; may be called on any thread.</summary>
    public Func<IEnumerable<string>>? RefusedSchedules
    {
        get => _metrics.RefusedSchedules;
        set => _metrics.RefusedSchedules = value;
    }

    /// <summary>Tells of events that are in the journal. Never blocks and never throws.</summary>
    public void Publish(AppendedBatch batch)
    {
        try
        {
            if (_metrics.Enabled) _metrics.Record(batch);
            if (_tracing.Active || _logging.Active) _queue.Add(batch);
        }
        catch (Exception e)   // the boundary: a fault of telemetry is logged and counted, the run goes on
        {
            Failed(e);
        }
        foreach (var observer in _observers) Tell(observer, batch);
    }

    /// <summary>Tells of an event of a schedule's or worker's stream. Never blocks and never throws.</summary>
    public void Publish(RecordedEvent system)
    {
        try
        {
            if (_metrics.Enabled) _metrics.Record(system);
            if (_logging.Active) _queue.Add(system);
            foreach (var observer in _systemObservers) observer(system);
        }
        catch (Exception e)   // as above
        {
            Failed(e);
        }
    }

    /// <summary>This process no longer owns the run: it vanishes from the gauges.</summary>
    public void Forget(RunId run)
    {
        _metrics.Forget(run);
        _queue.Forget(run);
    }

    /// <summary>A run of the workflow succeeded then, before this process began.</summary>
    public void Succeeded(string workflow, DateTimeOffset at) => _metrics.Succeeded(workflow, at);

    /// <summary>Counts a fault of the orchestrator itself.</summary>
    /// <param name="component">scheduler, executor, api or store.</param>
    /// <param name="errorType">A word of a closed list, or an exception's type.</param>
    public void SystemError(string component, string errorType) => _metrics.SystemError(component, errorType);

    /// <summary>
    /// Calls <paramref name="observer"/> with every batch, on the publishing thread and before Publish returns: it must
    /// return at once. What it throws is counted and logged, and it stays subscribed.
    /// </summary>
    public IDisposable Subscribe(Action<AppendedBatch> observer)
    {
        ImmutableInterlocked.Update(ref _observers, static (list, o) => list.Add(o), observer);
        return new Subscription(this, observer);
    }

    /// <summary>As <see cref="Subscribe"/>, for events of schedules and workers.</summary>
    internal IDisposable SubscribeSystem(Action<RecordedEvent> observer)
    {
        ImmutableInterlocked.Update(ref _systemObservers, static (list, o) => list.Add(o), observer);
        return new SystemSubscription(this, observer);
    }

    /// <summary>Counts events that a listener should have received and did not.</summary>
    internal void CountDropped(int events, string reason) => _metrics.Drop(events, reason);

    /// <summary>Counts an attempt that was closed while its delegate went on.</summary>
    internal void DelegateAbandoned(string workflow, TaskId task) => _metrics.DelegateAbandoned(workflow, task);

    /// <summary>Completes when everything published before has become spans and log records.</summary>
    public ValueTask FlushAsync(CancellationToken stop) => _queue.FlushAsync(stop);

    /// <summary>Drains the queue and ends its task.</summary>
    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    private void Tell(Action<AppendedBatch> observer, AppendedBatch batch)
    {
        try { observer(batch); }
        catch (Exception e)   // somebody else's code: isolated
        {
            _metrics.Drop(batch.Events.Count, "observer_failed");
            LifecycleLog.ObserverFailed(_log, e);
        }
    }

    private void Failed(Exception e)
    {
        _metrics.Drop(1, "sink_failed");
        LifecycleLog.SinkFailed(_log, e);
    }

    private sealed class Subscription(LifecyclePublisher owner, Action<AppendedBatch> observer) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref owner._observers, static (list, o) => list.Remove(o), observer);
    }

    private sealed class SystemSubscription(LifecyclePublisher owner, Action<RecordedEvent> observer) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref owner._systemObservers, static (list, o) => list.Remove(o), observer);
    }
}
