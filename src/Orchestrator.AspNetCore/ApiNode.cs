using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.AspNetCore;

/// <summary>What endpoints work with. They are mapped before the journal can be opened.</summary>
internal sealed class ApiNode(OrchestratorNode node)
{
    /// <summary>Has `serve --once` check all schedules once more, false when it is about to end; null: this one stays and checks them itself.</summary>
    public Func<ScheduleReconciler, Task<bool>>? Look { get; init; }

    public RunEngine Engine => node.Engine;

    public IRunStore Store => node.Store;

    public SecretSource Secrets => node.Secrets;

    public RunArchive Runs { get; } = new(node.Store);

    public IEventFeed Feed => node.Feed;

    public OpenBackfills Backfills => node.Backfills;
}
