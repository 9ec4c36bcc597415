using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Worker.Hosting;

/// <summary>What endpoints of `serve` work with. They are built before the journal can be opened.</summary>
internal sealed class ServeNode(OrchestratorNode node)
{
    /// <summary>What `serve --once` does; null: this one stays.</summary>
    public OneLook? Look { get; init; }

    public RunEngine Engine => node.Engine;

    public IRunStore Store => node.Store;

    public SecretSource Secrets => node.Secrets;

    public RunArchive Runs { get; } = new(node.Store);

    public IEventFeed Feed => node.Feed;

    public OpenBackfills Backfills => node.Backfills;
}
