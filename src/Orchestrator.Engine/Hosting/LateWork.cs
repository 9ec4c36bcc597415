using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Retention;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Hosting;

/// <summary>
/// What a node begins only when it takes work, since nobody waits for it: archives and reports that dead writers left undone, last successes, retention.
/// </summary>
internal sealed class LateWork(
    NodeJournal journal, IRunStore store, LifecyclePublisher publisher, WorkflowCatalog catalog, RetentionOptions retention, TimeProvider clock, ILogger log)
{
    /// <param name="reports">Where reports are written; null: nowhere.</param>
    /// <param name="index">Told which runs are removed; null: there is none.</param>
    /// <param name="stop">Ends it.</param>
    public void Begin(ReportSink? reports, LiveIndex? index, CancellationToken stop)
    {
        journal.StartArchiving();
        reports?.FindMissing(journal.SettledAsync());   // a run is listed as finished once it is archived
        _ = new LastSuccesses(store.Runs, publisher, log).FindAsync([.. catalog.Current.Workflows.Keys], stop);
        var streams = new StreamRetention(store.Removal, retention.StreamAge, retention.StreamCount, clock);
        _ = new RetentionSweep(new(store, retention.ToRule(), clock), streams, index, clock, log).RunAsync(stop);
    }
}
