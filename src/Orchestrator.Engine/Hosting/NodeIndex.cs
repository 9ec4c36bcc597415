using Orchestrator.Engine.Index;

namespace Orchestrator.Engine.Hosting;

/// <summary>The index of runs, kept while the node lives.</summary>
internal sealed class NodeIndex(LiveIndex index) : INodeFeature
{
    public Task BeginAsync(CancellationToken stop)
    {
        index.Start();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => index.DisposeAsync();
}
