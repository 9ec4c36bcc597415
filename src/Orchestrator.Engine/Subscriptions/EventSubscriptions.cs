using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Subscriptions;

/// <summary>
/// Tells code in this process of events that are in the journal. Off the run loop, in the order of each run; every subscription has a bounded
/// queue of its own, so that one that is slow, stuck or throws hurts neither runs nor the others.
/// </summary>
public sealed class EventSubscriptions : IAsyncDisposable
{
    /// <summary>Events that wait for one subscriber at most, unless it says otherwise.</summary>
    public const int DefaultCapacity = 10_000;

    private const int MaxWaiting = 65_536;
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<RunId, Trail> _runs = new();
    private readonly LifecyclePublisher _publisher;
    private readonly EventProducer _producer;
    private readonly ILogger _log;
    private readonly IDisposable _batches, _system;
    private readonly Task _reading;
    private ImmutableArray<EventSubscription> _subscriptions = [];
    private long _published, _processed, _failed, _dropped;
    private int _waiting, _saidFull;

    public EventSubscriptions(LifecyclePublisher publisher, EventProducer producer, ILogger<EventSubscriptions> log)
    {
        (_publisher, _producer, _log) = (publisher, producer, log);
        using (ExecutionContext.SuppressFlow()) _reading = Task.Run(ReadAsync);
        _batches = publisher.Subscribe(Take);
        _system = publisher.SubscribeSystem(Take);
    }

    /// <summary>The outcomes of all events so far.</summary>
    public SubscriptionStats Stats => new(
        Interlocked.Read(ref _published), Interlocked.Read(ref _processed), Interlocked.Read(ref _failed), Interlocked.Read(ref _dropped), _subscriptions.Length);

    internal IReadOnlyList<EventSubscription> InOrder => _subscriptions;

    /// <summary>Calls <paramref name="handler"/> with every event from now on whose type fits, one at a time.</summary>
    /// <param name="pattern"><c>*</c> is any text, dots too, <c>?</c> one character: <c>task.*</c>, <c>*.failed</c>, <c>workflow.completed</c>.</param>
    /// <param name="handler">What it throws is counted and logged; the next event is delivered all the same.</param>
    /// <param name="filter">What else must be true; called where the handler is.</param>
    /// <param name="priority">Higher first: the order in which subscriptions are handed an event. They work side by side.</param>
    /// <param name="capacity">Events that may wait for it; more are dropped and counted.</param>
    /// <exception cref="ArgumentException">The pattern fits no event.</exception>
    public EventSubscription Subscribe(
        string pattern, Action<LifecycleEnvelope> handler, Func<LifecycleEnvelope, bool>? filter = null, int priority = 0, int capacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Subscribe(pattern, (envelope, _) => { handler(envelope); return Task.CompletedTask; }, filter, priority, capacity);
    }

    /// <param name="handler">Its token is cancelled when the subscription is disposed.</param>
    /// <inheritdoc cref="Subscribe(string, Action{LifecycleEnvelope}, Func{LifecycleEnvelope, bool}?, int, int)"/>
    public EventSubscription Subscribe(
        string pattern, Func<LifecycleEnvelope, CancellationToken, Task> handler, Func<LifecycleEnvelope, bool>? filter = null, int priority = 0, int capacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var added = new EventSubscription(this, new(pattern), handler, filter, priority, capacity);
        ImmutableInterlocked.Update(ref _subscriptions, static (list, one) => list.Insert(PlaceOf(list, one.Priority), one), added);
        return added;
    }

    /// <summary>Completes when everything told before has been handled by everyone who was subscribed.</summary>
    public async Task FlushAsync(CancellationToken stop)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_items.Writer.TryWrite(new() { Flushed = done })) return;
        await done.Task.WaitAsync(stop).ConfigureAwait(false);
        await Task.WhenAll(_subscriptions.Select(s => s.FlushAsync(stop))).ConfigureAwait(false);
    }

    /// <summary>Ends all subscriptions. Does not wait for handlers: one may never return.</summary>
    public async ValueTask DisposeAsync()
    {
        _batches.Dispose();
        _system.Dispose();
        _items.Writer.TryComplete();
        foreach (var subscription in _subscriptions) subscription.Dispose();
        await _reading.ConfigureAwait(false);
    }

    internal void Remove(EventSubscription subscription) => ImmutableInterlocked.Update(ref _subscriptions, static (list, one) => list.Remove(one), subscription);

    internal void Processed() => Interlocked.Increment(ref _processed);

    internal void Failed(EventSubscription subscription, LifecycleEnvelope envelope, Exception e)
    {
        Interlocked.Increment(ref _failed);
        _publisher.CountDropped(1, "subscriber_failed");
        LifecycleLog.SubscriberFailed(_log, e, subscription.Pattern, envelope.Type, envelope.EventId);
    }

    // Behind those of the same priority: who came first is handed it first.
    private static int PlaceOf(ImmutableArray<EventSubscription> list, int priority)
    {
        var at = list.Length;
        while (at > 0 && list[at - 1].Priority < priority) at--;
        return at;
    }

    // On the run loop. A run's first event is kept even without subscribers: later subscribers then receive a complete envelope.
    private void Take(AppendedBatch batch)
    {
        if (batch.Events is [{ Event: WorkflowCreated } first, ..]) _runs[batch.RunId] = new(batch.Definition, first);
        var ended = batch.Events is [.., { Event: WorkflowEnded }];
        if (!(ended ? _runs.TryRemove(batch.RunId, out var trail) : _runs.TryGetValue(batch.RunId, out trail)) || _subscriptions.IsEmpty) return;
        Add(new() { Trail = trail, Batch = batch }, batch.Events.Count);
    }

    private void Take(RecordedEvent system)
    {
        if (!_subscriptions.IsEmpty) Add(new() { System = system }, 1);
    }

    private void Add(Item item, int events)
    {
        var waiting = Interlocked.Add(ref _waiting, events);
        if ((waiting <= MaxWaiting || waiting == events) && _items.Writer.TryWrite(item)) return;
        Interlocked.Add(ref _waiting, -events);
        Drop(events);
    }

    private void Drop(int events)
    {
        Interlocked.Add(ref _dropped, events);
        _publisher.CountDropped(events, "subscriber_queue_full");
        if (Interlocked.Exchange(ref _saidFull, 1) == 0) LifecycleLog.SubscriberQueueFull(_log);
    }

    private async Task ReadAsync()
    {
        await foreach (var item in _items.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                if (item.Batch is { } batch) Deliver(item.Trail!, batch);
                else if (item.System is { } system) Deliver(SystemEnvelope.Of(system, _producer, _publisher.Installation()));
            }
            catch (Exception e)   // one bad event must not end delivery for the rest
            {
                _publisher.CountDropped(item.Batch?.Events.Count ?? 1, "sink_failed");
                LifecycleLog.SinkFailed(_log, e);
            }
            Interlocked.Add(ref _waiting, -(item.Batch?.Events.Count ?? (item.System is null ? 0 : 1)));
            item.Flushed?.TrySetResult();
        }
    }

    private void Deliver(Trail trail, AppendedBatch batch)
    {
        var envelopes = trail.Envelopes(batch, _producer);
        foreach (var recorded in batch.Events)
        {
            if (batch.IsHistory || !AnyWants(recorded.Event.Type)) envelopes.Remember(recorded);
            else Deliver(envelopes.Next(recorded));
            if (!batch.IsHistory) Interlocked.Increment(ref _published);
        }
    }

    private void Deliver(LifecycleEnvelope envelope)
    {
        foreach (var subscription in _subscriptions)
            if (subscription.Wants(envelope.Type) && !subscription.Offer(envelope)) Drop(1);
    }

    private bool AnyWants(string type)
    {
        foreach (var subscription in _subscriptions)
            if (subscription.Wants(type)) return true;
        return false;
    }

    private readonly record struct Item
    {
        public Trail? Trail { get; init; }
        public AppendedBatch? Batch { get; init; }
        public RecordedEvent? System { get; init; }
        public TaskCompletionSource? Flushed { get; init; }
    }

    /// <summary>What is remembered of an open run; the reader makes its projection when there is a listener.</summary>
    private sealed class Trail(WorkflowDefinition definition, RecordedEvent first)
    {
        private EnvelopeProjection? _envelopes;

        public EnvelopeProjection Envelopes(AppendedBatch batch, EventProducer producer)
        {
            if (_envelopes is not null) return _envelopes;
            _envelopes = new(batch.RunId, definition, producer);
            if (!ReferenceEquals(batch.Events[0], first)) _envelopes.Remember(first);
            return _envelopes;
        }
    }
}
