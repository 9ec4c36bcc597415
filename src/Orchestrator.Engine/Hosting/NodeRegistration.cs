using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.Engine.Hosting;

/// <summary>Adds a node, and what it and its host work with, to a container.</summary>
internal static class NodeRegistration
{
    /// <summary>
    /// Adds them; whoever adds them begins and stops the <see cref="OrchestratorNode"/>. The container must hold an <see cref="IRunStore"/>; what it
    /// holds already wins.
    /// </summary>
    /// <param name="setup">Makes what the host says of the node.</param>
    /// <param name="scheduling">Limits; null: the defaults.</param>
    public static void AddNode(this IServiceCollection services, Func<IServiceProvider, NodeSetup> setup, SchedulingOptions? scheduling = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(setup);
        services.TryAddSingleton<StorageHealth>();
        services.TryAddSingleton<DeliveryHealth>();
        services.TryAddSingleton(s => JournalOf(s, s.GetRequiredService<NodeSetup>()));
        services.TryAddSingleton<IRunJournal>(s => s.GetRequiredService<NodeJournal>());
        services.TryAddSingleton(s => new Installation(() => s.GetRequiredService<IRunStore>().State));
        services.TryAddSingleton<WorkflowCatalog>();
        services.TryAddSingleton(s => new LifecycleOptions
        {
            PublicUrl = s.GetRequiredService<NodeSetup>().Options.PublicUrl, Files = s.GetRequiredService<IRunStore>().Files,
            Installation = () => s.GetRequiredService<Installation>().Known,
            History = run => s.GetRequiredService<IRunJournal>().ReadAsync(StreamId.Run(run), 0, CancellationToken.None),
        });
        services.TryAddSingleton(s => s.GetRequiredService<NodeSetup>().Identity.Producer);
        services.TryAddSingleton(s => new LifecyclePublisher(
            s.GetRequiredService<LifecycleOptions>(), s.GetRequiredService<EventProducer>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>(), s.GetService<TelemetryHealth>()));
        services.TryAddSingleton(s => new ReportSink(
            s.GetRequiredService<IRunJournal>(), s.GetRequiredService<IRunStore>(),
            (version, _) => new(s.GetRequiredService<IRunStore>().Definitions.Find(version)),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ReportSink>>())
        {
            Storage = s.GetRequiredService<StorageHealth>(), Quiet = () => s.GetRequiredService<NodeJournal>().Quiet,
        });
        services.TryAddSingleton<AddedFeatures>();
        services.TryAddSingleton<OrchestratorNode>();

        // Started in this order and stopped in the other: reports are written until the last run has ended.
        services.AddHostedService(s => s.GetRequiredService<ReportSink>());
        services.AddScheduling(s => Actions(s.GetRequiredService<OrchestratorNode>()), scheduling);
        services.AddTriggers(s => new(s.GetRequiredService<OrchestratorNode>().DispatchAsync));
    }

    private static ScheduleActions Actions(OrchestratorNode node) => new(node.DispatchAsync, node.CancelAsync) { Stop = node.StopAsync };

    private static NodeJournal JournalOf(IServiceProvider services, NodeSetup setup) => new(
        services.GetRequiredService<IRunStore>(), setup.Writer, setup.Options.Journal.Durability,
        services.GetRequiredService<StorageHealth>(), services.GetRequiredService<ILoggerFactory>())
    {
        Disk = setup.JournalDisk, ArchivesWhenTold = true,
    };
}
