using Orchestrator.Core.Runs;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Hosting;

/// <summary>A report of each run that ends. The host runs the sink itself, so that reports are written until the last run has ended.</summary>
internal sealed class NodeReports : INodeFeature
{
    private readonly IDisposable _listening;

    public NodeReports(ReportSink reports, LifecyclePublisher publisher) => _listening = publisher.Subscribe(batch =>
    {
        if (!batch.IsHistory && batch.Events is [.., { Event: WorkflowEnded }]) reports.Enqueue(batch.RunId);
    });

    public Task BeginAsync(CancellationToken stop) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _listening.Dispose();
        return ValueTask.CompletedTask;
    }
}
