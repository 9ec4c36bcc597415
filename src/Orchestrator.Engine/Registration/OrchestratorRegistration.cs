using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Jsonl;
using Orchestrator.Engine.Lifecycle;
using Orchestrator.Engine.Lifecycle.Subscriptions;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Registration;

/// <summary>Adds an orchestrator to a host.</summary>
public static class OrchestratorRegistration
{
    /// <summary>
    /// Adds an orchestrator that starts and stops with the host, and reads what it shares with the program `orchestrator` from the section
    /// <c>Orchestrator</c>: DataDirectory, Runner, Shutdown:Drain, Processes:KillGrace and Workflows:Inline.
    /// </summary>
    /// <inheritdoc cref="AddOrchestrator(IServiceCollection, Action{OrchestratorOptions}?)"/>
    public static IOrchestratorBuilder AddOrchestrator(this IHostApplicationBuilder host, Action<OrchestratorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        var builder = host.Services.AddOrchestrator();
        var registered = OrchestratorBuilder.Of(builder);
        if (registered.Configuration is null)
        {
            registered.Configuration = host.Configuration;
            host.Services.Configure<OrchestratorOptions>(options => OptionsFromConfiguration.Read(host.Configuration, options));
        }
        if (configure is not null) host.Services.Configure(configure);
        return builder;
    }

    /// <summary>
    /// Adds an orchestrator that starts and stops with the host: it takes over runs that an earlier process left, keeps schedules, carries runs
    /// out, and drains when the host stops. Work with it through <see cref="OrchestratorClient"/>. Safe to call twice. Registered before, a
    /// <see cref="TimeProvider"/>, an <see cref="IRunJournal"/> (then nothing is taken over) or a <see cref="LifecycleOptions"/> wins.
    /// </summary>
    /// <param name="configure">Wins over configuration and over calls before.</param>
    public static IOrchestratorBuilder AddOrchestrator(this IServiceCollection services, Action<OrchestratorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.FirstOrDefault(s => s.ServiceType == typeof(Registered))?.ImplementationInstance is not Registered registered)
        {
            services.AddSingleton(registered = new Registered());
            AddParts(services);
        }
        if (configure is not null) services.Configure(configure);
        return new OrchestratorBuilder(services, registered);
    }

    private static void AddParts(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddOptions<OrchestratorOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OrchestratorOptions>, OrchestratorOptionsRules>());
        services.AddOptions<HostOptions>().PostConfigure<IOptions<OrchestratorOptions>>((host, own) =>
        {
            // The host must have more patience than the drain, or what could finish would be cut off.
            var needed = own.Value.Drain + own.Value.StopGrace + TimeSpan.FromSeconds(10);
            if (host.ShutdownTimeout < needed) host.ShutdownTimeout = needed;
        });

        services.TryAddSingleton(s => new DataDirectory(Options(s).DataDirectory));
        services.TryAddSingleton<IRunStore>(s => s.GetRequiredService<DataDirectory>());
        services.TryAddSingleton<EmbeddedJournal>();
        services.TryAddSingleton<IRunJournal>(s => s.GetRequiredService<EmbeddedJournal>());
        services.TryAddSingleton<AmbientAttempt>();
        services.TryAddSingleton<StorageHealth>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, AttemptLoggerProvider>());
        services.TryAddSingleton<WorkflowCatalog>();
        services.TryAddSingleton(s => new LifecycleOptions
        {
            PublicUrl = Options(s).PublicUrl, Files = s.GetRequiredService<IRunStore>().Files,
            Installation = () => s.GetRequiredService<Installation>().Known,
            History = run => s.GetRequiredService<IRunJournal>().ReadAsync(StreamId.Run(run), 0, CancellationToken.None),
        });
        services.TryAddSingleton(s => new EventProducer("orchestrator", Options(s).InstanceId, Environment.MachineName, typeof(OrchestratorRegistration).Assembly.GetName().Version?.ToString(3)));
        services.TryAddSingleton(s => new LifecyclePublisher(
            s.GetRequiredService<LifecycleOptions>(), s.GetRequiredService<EventProducer>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>(), s.GetService<Lifecycle.Health.TelemetryHealth>()));
        services.TryAddSingleton<EventSubscriptions>();
        services.TryAddSingleton(s => new Installation(() => s.GetRequiredService<IRunStore>().State));
        services.TryAddSingleton(s => new ReportSink(
            s.GetRequiredService<IRunJournal>(), s.GetRequiredService<IRunStore>(), (version, _) => new(s.GetRequiredService<IRunStore>().Definitions.Find(version)),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ReportSink>>())
        {
            Storage = s.GetRequiredService<StorageHealth>(),
        });
        services.TryAddSingleton<OrchestratorClient>();
        services.TryAddSingleton<EmbeddedWorker>();

        // Started in this order and stopped in the other: nothing fires into a drain, and reports are written until the last run has ended.
        services.AddHostedService(s => s.GetRequiredService<ReportSink>());
        services.AddHostedService(s => s.GetRequiredService<EmbeddedWorker>());
        services.AddScheduling(s => new(s.GetRequiredService<EmbeddedWorker>().DispatchAsync, s.GetRequiredService<EmbeddedWorker>().CancelAsync));
    }

    private static OrchestratorOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<OrchestratorOptions>>().Value;
}
