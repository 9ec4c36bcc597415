using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Hosting;

/// <summary>The schedules of the definitions in force. The host runs the reconciler itself.</summary>
internal sealed class NodeSchedules : INodeFeature
{
    private readonly ScheduleReconciler _schedules;
    private readonly WorkflowCatalog _catalog;
    private readonly LifecyclePublisher _publisher;
    private readonly IDisposable _listening;

    public NodeSchedules(ScheduleReconciler schedules, WorkflowCatalog catalog, LifecyclePublisher publisher)
    {
        (_schedules, _catalog, _publisher) = (schedules, catalog, publisher);
        _listening = publisher.Subscribe(schedules.Take);
    }

    public Task BeginAsync(CancellationToken stop)
    {
        _schedules.Recorded += _publisher.Publish;
        _publisher.RefusedSchedules = () => _schedules.RefusedNow.Select(r => r.Workflow);
        _catalog.Changed += Apply;
        Apply(_catalog.Current);   // also where there are none: what an earlier process had in force ends
        return Task.CompletedTask;
    }

    // A due time that falls into the drain is decided when the node is back.
    public Task StopAsync()
    {
        _schedules.Halt();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _catalog.Changed -= Apply;
        _listening.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Apply(CatalogSnapshot snapshot) => _schedules.Apply([.. snapshot.Workflows.Values.Select(e => e.Definition)]);
}
