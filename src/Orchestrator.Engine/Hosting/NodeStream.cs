using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Hosting;

/// <summary>
/// This worker's own stream: that it began, that it ends, and what became of definitions and deliveries. One writer takes a bounded queue, what waits in one
/// batch. A journal that takes no writes loses this news, which the log has too; nobody else waits for it.
/// </summary>
internal sealed class NodeStream : IAsyncDisposable
{
    /// <summary>News that wait for the journal; more are lost and counted.</summary>
    public const int MaxQueued = 10_000;

    private const int MaxBatch = 100;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly IRunJournal _journal;
    private readonly LifecyclePublisher _publisher;
    private readonly WorkerIdentity _identity;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly StreamId _stream;
    private readonly Channel<News> _queue = Channel.CreateBounded<News>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly Task _writing;
    private long? _version;
    private long _lost;
    private int _losing;

    public NodeStream(IRunJournal journal, LifecyclePublisher publisher, WorkerIdentity identity, TimeProvider clock, ILogger<NodeStream> log)
    {
        (_journal, _publisher, _identity, _clock, _log, _stream) = (journal, publisher, identity, clock, log, StreamId.Node(identity.InstanceId));
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>News that never reached the journal.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Appends in the background.</summary>
    public void Tell(JournalEvent e)
    {
        if (!_queue.Writer.TryWrite(new(e, _clock.GetUtcNow(), null))) Lose(1, null);
    }

    /// <summary>Appends; whatever was told before is in the journal when this completes, or lost.</summary>
    public async Task AppendAsync(JournalEvent e, CancellationToken stop)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new(e, _clock.GetUtcNow(), done), stop).ConfigureAwait(false);
        await done.Task.WaitAsync(stop).ConfigureAwait(false);
    }

    /// <summary>The last event. A journal that does not answer is not waited for longer than ten seconds.</summary>
    public async Task StopAsync(string reason)
    {
        using var patience = new CancellationTokenSource(StopPatience, _clock);
        try { await AppendAsync(new WorkerStopping(_identity.InstanceId, reason), patience.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) { _log.NewsUnwritten(_queue.Reader.Count, StopPatience.TotalSeconds); }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await ((Task)_writing.WaitAsync(StopPatience, _clock)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync()
    {
        var batch = new List<News>(MaxBatch);
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var news)) batch.Add(news);
            try { await AppendAsync(batch).ConfigureAwait(false); }
            catch (Exception e)
            {
                _version = null;   // look again next time
                Lose(batch.Count, e);
            }
            foreach (var news in batch) news.Done?.TrySetResult();
            batch.Clear();
        }
    }

    private async Task AppendAsync(List<News> batch)
    {
        var version = _version ?? await VersionAsync().ConfigureAwait(false);
        var recorded = new RecordedEvent[batch.Count];
        for (var i = 0; i < recorded.Length; i++) recorded[i] = new(_stream, version + 1 + i, batch[i].At, batch[i].Event);
        await _journal.AppendAsync(_stream, version, 0, recorded, AppendDurability.Written).ConfigureAwait(false);
        _version = version + recorded.Length;
        Volatile.Write(ref _losing, 0);
        foreach (var e in recorded) _publisher.Publish(e);
    }

    // Said when it begins: what follows is the same news.
    private void Lose(int count, Exception? e)
    {
        Interlocked.Add(ref _lost, count);
        if (Interlocked.Exchange(ref _losing, 1) == 0) _log.NewsLost(e, Lost);
    }

    // An instance id may be configured and come back after a restart.
    private async Task<long> VersionAsync()
    {
        var last = await _journal.ReadLastAsync(_stream, 1, CancellationToken.None).ConfigureAwait(false);
        return last.Count == 0 ? 0 : last[^1].Seq;
    }

    private readonly record struct News(JournalEvent Event, DateTimeOffset At, TaskCompletionSource? Done);
}
