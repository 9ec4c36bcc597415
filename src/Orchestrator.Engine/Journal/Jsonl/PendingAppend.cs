using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>One append on its way through the writer thread; pooled. Who awaits it goes on in the thread pool, never on the writer thread.</summary>
internal sealed class PendingAppend : IValueTaskSource
{
    private static readonly ObjectPool<PendingAppend> Pool = new DefaultObjectPool<PendingAppend>(new DefaultPooledObjectPolicy<PendingAppend>(), 4096);
    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };

    public StreamId Stream { get; private set; }
    public long Expected { get; private set; }
    public long Epoch { get; private set; }
    public IReadOnlyList<RecordedEvent> Events { get; private set; } = [];
    public bool Commit { get; private set; }

    /// <summary>The segment these events are carried forward from: they keep their seq, and the stream's version does not move.</summary>
    public Segment? CarriedFrom { get; private set; }

    /// <summary>Appends nothing: it is done when everything handed over before it is.</summary>
    public bool IsBarrier => Events.Count == 0;

    /// <summary>Receives the outcome instead of a task.</summary>
    public ICommitListener? Listener { get; set; }

    // Working state of the writer thread.
    public StreamEntry? Entry;
    public int Offset;
    public int Length;

    public ValueTask Task => new(this, _done.Version);

    public static PendingAppend Rent(StreamId stream, long expected, long epoch, IReadOnlyList<RecordedEvent> events, bool commit, Segment? carriedFrom = null)
    {
        var item = Pool.Get();
        (item.Stream, item.Expected, item.Epoch, item.Events, item.Commit, item.CarriedFrom) = (stream, expected, epoch, events, commit, carriedFrom);
        return item;
    }

    public void Complete()
    {
        if (Listener is null) _done.SetResult(true);
        else Tell(null);
    }

    public void Fail(Exception e)
    {
        if (Listener is null) _done.SetException(e);
        else Tell(e);
    }

    public void GetResult(short token)
    {
        try { _done.GetResult(token); }
        finally
        {
            _done.Reset();
            Return();
        }
    }

    private void Tell(Exception? error)
    {
        var listener = Listener!;
        Return();
        listener.Committed(error);
    }

    private void Return()
    {
        (Events, Entry, CarriedFrom, Listener) = ([], null, null, null);
        Pool.Return(this);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _done.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);
}
