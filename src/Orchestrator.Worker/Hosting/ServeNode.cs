using Orchestrator.Core.Runs;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// What `serve` works with, once it is open. Endpoints and schedules are built before the journal can be opened, so they hold this.
/// </summary>
internal sealed class ServeNode
{
    private EngineAssembly? _assembly;
    private RunArchive? _runs;
    private IEventFeed? _feed;
    private OpenBackfills? _backfills;

    /// <summary>What `serve --once` does; null: this one stays.</summary>
    public OneLook? Look { get; init; }

    public EngineAssembly Assembly => _assembly ?? throw new InvalidOperationException("The journal is not open yet.");

    public RunEngine Engine => Assembly.Engine;

    public IRunJournal Journal => Assembly.Journal;

    public RunArchive Runs => _runs ?? throw new InvalidOperationException("The journal is not open yet.");

    public IEventFeed Feed => _feed ?? throw new InvalidOperationException("The journal is not open yet.");

    public OpenBackfills Backfills => _backfills ?? throw new InvalidOperationException("The journal is not open yet.");

    public void Carry(OpenBackfills backfills) => _backfills = backfills;

    public void Follow(IEventFeed feed) => _feed = feed;

    public void Open(EngineAssembly assembly) => (_assembly, _runs) = (assembly, new(assembly.Store));

    /// <summary>Asks a run to stop that a due time replaces.</summary>
    public Task CancelAsync(RunId run, CancellationToken stop) => Engine.CancelAsync(run, "schedule", stop);

    /// <summary>Asks a run to stop because it is time for that.</summary>
    public Task StopAsync(RunId run, string why, CancellationToken stop) => Engine.CancelAsync(run, new CancelAsk("schedule", why), stop);

    /// <summary>Submits the run of a due time; false when it existed already.</summary>
    public async Task<bool> DispatchAsync(ScheduledRun due, TimeProvider clock, ILogger log, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        log.ScheduleFiring(due.Definition.Name, due.Schedule.Id, due.DueAt, due.RunId);
        var accepted = await Engine.SubmitAsync(due.Request, stop);
        log.ScheduleFired(due.Definition.Name, due.Schedule.Id, accepted.RunId, accepted.AlreadyExisted, clock.GetElapsedTime(began).TotalMilliseconds);
        return !accepted.AlreadyExisted;
    }

    /// <summary>Submits the run of a trigger; false when it existed already.</summary>
    public async Task<bool> DispatchAsync(TriggeredRun due, CancellationToken stop)
    {
        var accepted = await Engine.SubmitAsync(due.Request, stop);
        return !accepted.AlreadyExisted;
    }
}
