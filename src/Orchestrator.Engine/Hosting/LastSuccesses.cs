using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Hosting;

/// <summary>
/// Tells the metrics when each workflow last succeeded before this process began: an alert on "no success for 25 hours" must not start anew with every restart. What lies
/// further back than the newest runs stays unknown.
/// </summary>
internal sealed class LastSuccesses(IRunHistory runs, LifecyclePublisher publisher, ILogger log)
{
    private const int MaxRuns = 5000;

    public Task FindAsync(IReadOnlyCollection<string> workflows, CancellationToken stop) => Task.Run(() =>
    {
        try
        {
            var missing = workflows.ToHashSet(StringComparer.Ordinal);
            foreach (var run in runs.ListSettled().Take(MaxRuns))
            {
                if (missing.Count == 0 || stop.IsCancellationRequested) return;
                if (runs.LastEvent(run) is not { Event: WorkflowCompleted } last || runs.FirstEvent(run)?.Event is not WorkflowCreated created) continue;
                if (missing.Remove(created.Workflow)) publisher.Succeeded(created.Workflow, last.Time);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalCorruptException)
        {
            log.SuccessesNotFound(e);
        }
    }, stop);
}
