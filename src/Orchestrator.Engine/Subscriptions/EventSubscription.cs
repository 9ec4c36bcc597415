using System.Threading.Channels;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Engine.Subscriptions;

/// <summary>One subscriber: its pattern, its bounded queue and the one task that calls its handler. Disposing it ends it.</summary>
public sealed class EventSubscription : IDisposable
{
    private readonly EventSubscriptions _owner;
    private readonly EventPattern _pattern;
    private readonly Func<LifecycleEnvelope, CancellationToken, Task> _handler;
    private readonly Func<LifecycleEnvelope, bool>? _filter;
    private readonly Channel<Item> _queue;
    private readonly CancellationTokenSource _stop = new();
    private long _offered, _processed, _failed, _dropped;
    private int _disposed;

    internal EventSubscription(
        EventSubscriptions owner, EventPattern pattern, Func<LifecycleEnvelope, CancellationToken, Task> handler, Func<LifecycleEnvelope, bool>? filter, int priority, int capacity)
    {
        (_owner, _pattern, _handler, _filter, Priority) = (owner, pattern, handler, filter, priority);
        _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(capacity) { SingleReader = true });
        // It must not inherit the ambient span of the subscriber.
        using (ExecutionContext.SuppressFlow()) Ended = Task.Run(ReadAsync);
    }

    /// <summary>Which types of events it receives.</summary>
    public string Pattern => _pattern.Text;

    /// <summary>Of two subscriptions the one with the higher number is handed an event first.</summary>
    public int Priority { get; }

    /// <summary>The outcomes of its events.</summary>
    public SubscriptionStats Stats => new(Interlocked.Read(ref _offered), Interlocked.Read(ref _processed), Interlocked.Read(ref _failed), Interlocked.Read(ref _dropped), _disposed == 0 ? 1 : 0);

    /// <summary>Completes when it has been disposed and its handler has returned.</summary>
    public Task Ended { get; }

    /// <summary>
    /// The handler is called no more; a call in progress sees its token cancelled. What still waits is not delivered. Safe from the handler itself.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _owner.Remove(this);
        _queue.Writer.TryComplete();
        _stop.Cancel();
    }

    internal bool Wants(string type) => _pattern.Fits(type);

    /// <summary>False when its queue is full.</summary>
    internal bool Offer(LifecycleEnvelope envelope)
    {
        Interlocked.Increment(ref _offered);
        if (_queue.Writer.TryWrite(new(envelope, null)) || _disposed != 0) return true;
        Interlocked.Increment(ref _dropped);
        return false;
    }

    internal async Task FlushAsync(CancellationToken stop)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try { await _queue.Writer.WriteAsync(new(null, done), stop).ConfigureAwait(false); }
        catch (ChannelClosedException) { return; }
        await Task.WhenAny(done.Task, Ended).WaitAsync(stop).ConfigureAwait(false);
    }

    private async Task ReadAsync()
    {
        await foreach (var item in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (_disposed != 0) break;
            if (item.Envelope is { } envelope) await HandleAsync(envelope).ConfigureAwait(false);
            item.Flushed?.TrySetResult();
        }
    }

    private async Task HandleAsync(LifecycleEnvelope envelope)
    {
        try
        {
            if (_filter is not null && !_filter(envelope)) return;
            await _handler(envelope, _stop.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _processed);
            _owner.Processed();
        }
        catch (OperationCanceledException) when (_disposed != 0)
        {
            // It was told to stop.
        }
        catch (Exception e)   // somebody else's code: counted, and the next event is delivered all the same
        {
            Interlocked.Increment(ref _failed);
            _owner.Failed(this, envelope, e);
        }
    }

    private readonly record struct Item(LifecycleEnvelope? Envelope, TaskCompletionSource? Flushed);
}
