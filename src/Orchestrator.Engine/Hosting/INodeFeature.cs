namespace Orchestrator.Engine.Hosting;

/// <summary>
/// A part of a node's life. It listens to the engine from its construction, which is before any run goes on, and begins and stops in the order in
/// which the node holds it.
/// </summary>
internal interface INodeFeature : IAsyncDisposable
{
    /// <summary>Begins; what comes before it is at work.</summary>
    Task BeginAsync(CancellationToken stop);

    /// <summary>Takes nothing new into account any more; what is open is continued when the node is back. Only after it began.</summary>
    Task StopAsync() => Task.CompletedTask;

    ValueTask IAsyncDisposable.DisposeAsync() => ValueTask.CompletedTask;
}
