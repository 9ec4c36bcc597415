using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Hosting;

/// <summary>The backfills that have not ended.</summary>
internal sealed class NodeBackfills : INodeFeature
{
    private readonly LifecyclePublisher _publisher;
    private readonly IDisposable _listening;

    public NodeBackfills(BackfillParts parts, LifecyclePublisher publisher)
    {
        (_publisher, Open) = (publisher, new(parts));
        _listening = publisher.Subscribe(Open.Take);
    }

    public OpenBackfills Open { get; }

    public Task BeginAsync(CancellationToken stop)
    {
        Open.Recorded += _publisher.Publish;
        return Open.ContinueAsync(stop);
    }

    // What is open is continued when the node is back.
    public async Task StopAsync() => await Open.DisposeAsync().ConfigureAwait(false);

    public ValueTask DisposeAsync()
    {
        _listening.Dispose();
        return Open.DisposeAsync();
    }
}
