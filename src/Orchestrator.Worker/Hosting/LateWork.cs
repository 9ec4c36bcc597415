using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Reports;

namespace Orchestrator.Worker.Hosting;

/// <summary>What `serve` begins only when it takes requests, since nobody waits for it: archives and reports that dead writers left undone, last successes, retention.</summary>
internal static class LateWork
{
    public static void Begin(EngineAssembly assembly, IServiceProvider services, Settings settings, ILogger log)
    {
        var (clock, stop) = (services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        assembly.StartArchiving();
        services.GetRequiredService<ReportSink>().FindMissing(assembly.SettledAsync());   // a run is listed as finished once it is archived
        _ = new LastSuccesses(assembly.Store.Runs, assembly.Publisher, log).FindAsync([.. services.GetRequiredService<WorkflowCatalog>().Current.Workflows.Keys], stop);
        var retention = settings.Options.Retention;
        _ = new RetentionSweep(new(assembly.Store, retention.ToRule(), clock), new(assembly.Store.Removal, retention.StreamAge, retention.StreamCount, clock), clock, log).RunAsync(stop);
    }
}
