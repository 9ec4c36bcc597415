using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Jsonl;
using Orchestrator.Engine.Subscriptions;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Registration;

/// <summary>Adds an orchestrator to a host.</summary>
public static class OrchestratorRegistration
{
    /// <summary>
    /// Adds an orchestrator that starts and stops with the host, and reads what it shares with the program `orchestrator` from the section
    /// <c>Orchestrator</c>: every key but those of Api, Telemetry:Prometheus and Workflows:Path. Relative paths start at the host's content root.
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
            host.Services.Configure<OrchestratorOptions>(options => OptionsFromConfiguration.Read(host.Configuration, host.Environment.ContentRootPath, options));
        }
        if (configure is not null) host.Services.Configure(configure);
        return builder;
    }

    /// <summary>
    /// Adds an orchestrator that starts and stops with the host: it takes over runs that an earlier process left, keeps schedules, triggers and
    /// backfills, carries runs out, tells webhooks and brokers, removes what is past its time, and drains when the host stops. Work with it through <see cref="OrchestratorClient"/>. Safe to call twice. Registered before, a
    /// <see cref="TimeProvider"/>, an <see cref="IRunJournal"/> (then nothing is taken over or removed, nothing is delivered, and triggers hear of no events) or a <see cref="LifecycleOptions"/> wins.
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

        services.TryAddSingleton(s => DataDirectory.At(Options(s).DataDirectory, new(Options(s).Files.FolderMode, Options(s).Files.FileMode), null));
        services.TryAddSingleton<IRunStore>(s => s.GetRequiredService<DataDirectory>());
        services.TryAddSingleton<AmbientAttempt>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, AttemptLoggerProvider>());
        services.TryAddSingleton<EventSubscriptions>();
        services.TryAddSingleton<OrchestratorClient>();
        services.AddNode(s => EmbeddedSetup.Of(Options(s), s.GetRequiredService<Registered>()));
        services.TryAddSingleton<EmbeddedWorker>();
        services.AddHostedService(s => s.GetRequiredService<EmbeddedWorker>());   // the last, so that it stops first: what fires is there until the node has halted it
    }

    private static OrchestratorOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<OrchestratorOptions>>().Value;
}
