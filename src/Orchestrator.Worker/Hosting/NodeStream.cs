using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Lifecycle;

namespace Orchestrator.Worker.Hosting;

/// <summary>This worker's own stream: that it began, that it ends, and what became of definitions. One append at a time.</summary>
internal sealed class NodeStream(IRunJournal journal, LifecyclePublisher publisher, WorkerIdentity identity, TimeProvider clock)
{
    private readonly StreamId _stream = StreamId.Node(identity.InstanceId);
    private readonly Lock _order = new();
    private Task _last = Task.CompletedTask;
    private long? _version;

    /// <summary>Appends in the background; a journal that takes no writes loses this news, which the log has too.</summary>
    public void Tell(JournalEvent e) => _ = AppendAsync(e);

    public Task AppendAsync(JournalEvent e)
    {
        lock (_order) return _last = AppendBehindAsync(_last, e);
    }

    /// <summary>The last event; whatever was told before is in the journal when this completes.</summary>
    public Task StopAsync(string reason) => AppendAsync(new WorkerStopping(identity.InstanceId, reason));

    private async Task AppendBehindAsync(Task before, JournalEvent e)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            var version = _version ?? await VersionAsync();
            var recorded = new RecordedEvent(_stream, version + 1, clock.GetUtcNow(), e);
            await journal.AppendAsync(_stream, version, [recorded], AppendDurability.Written);
            _version = version + 1;
            publisher.Publish(recorded);
        }
        catch (Exception x) when (x is JournalUnavailableException or JournalConflictException)
        {
            _version = null;   // look again next time
        }
    }

    // An instance id may be configured and come back after a restart.
    private async Task<long> VersionAsync()
    {
        var version = 0L;
        await foreach (var recorded in journal.ReadAsync(_stream, CancellationToken.None)) version = recorded.Seq;
        return version;
    }
}
