using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Container;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Executors.Http;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Lifecycle;
using Orchestrator.Engine.Lifecycle.Sinks.Tracing;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Engine.Registration;

/// <summary>An engine inside a host, put together of what the container holds, and the executors it owns.</summary>
internal sealed class EmbeddedEngine : IAsyncDisposable
{
    private readonly Dictionary<string, ITaskExecutor> _added;
    private readonly ProcessTaskExecutor _processes;
    private readonly HttpTaskExecutor _http;
    private readonly ContainerTaskExecutor _containers;
    private readonly KillSet _kills;

    public EmbeddedEngine(IServiceProvider services, OrchestratorOptions options)
    {
        var (clock, logs) = (services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>());
        var (publisher, catalog) = (services.GetRequiredService<LifecyclePublisher>(), services.GetRequiredService<WorkflowCatalog>());
        var registered = services.GetRequiredService<Registered>();
        var limits = options.Limits;
        var environment = options.Variables ?? OwnVariables();
        _processes = new(limits, environment, clock, logs.CreateLogger<ProcessTaskExecutor>());
        _kills = new(limits, clock, logs.CreateLogger<KillSet>());
        var delegates = new DelegateTaskExecutor(registered.Delegates, limits, clock, logs.CreateLogger<DelegateTaskExecutor>())
        {
            Abandoned = attempt => publisher.DelegateAbandoned(attempt.Workflow, attempt.Task.Id),
            Scopes = services.GetRequiredService<IServiceScopeFactory>(), Ambient = services.GetRequiredService<AmbientAttempt>(),
        };
        _http = new(limits, clock, logs.CreateLogger<HttpTaskExecutor>());
        _containers = new(_processes, new("auto", environment), limits, clock, logs.CreateLogger<ContainerTaskExecutor>());
        var own = new TaskExecutors(_processes, delegates, new()).And("http", _http).And("container", _containers);
        _added = registered.Executors.ToDictionary(e => e.Key, e => e.Value(services), StringComparer.Ordinal);
        var store = services.GetRequiredService<IRunStore>();
        Engine = new(
            new()
            {
                InstanceId = options.InstanceId, Version = services.GetRequiredService<Core.Lifecycle.EventProducer>().Version, Slots = options.Slots, MaxOpenRuns = options.MaxOpenRuns, MaxRunningRuns = options.MaxRunningRuns,
                Pools = new Dictionary<string, int>(options.Pools, StringComparer.Ordinal), Limits = options.Admission, BaseDirectory = options.BaseDirectory,
            },
            new()
            {
                Store = store, Limits = limits, Journal = services.GetRequiredService<IRunJournal>(),
                Publisher = publisher, Clock = clock, Logs = logs,
                Sampling = registered.Configuration is { } configuration ? RunSampling.From(configuration) : RunSampling.Always,
                Executors = kind => _added.GetValueOrDefault(kind) ?? own.Find(kind),
                Workflows = (name, _) => catalog.Find(name) is { } found ? new(found) : new(null, UnknownWorkflow(name, catalog)),
                Secrets = new SecretSource(environment),
                EndLeftovers = async (runs, stop) =>
                {
                    await _kills.EndRunsAsync(runs, stop: stop).ConfigureAwait(false);
                    await _containers.EndLeftoversAsync(store.Files, runs).ConfigureAwait(false);
                },
            });
    }

    public RunEngine Engine { get; }

    public static string UnknownWorkflow(string name, WorkflowCatalog catalog) =>
        $"There is no workflow '{name}'. " + (Core.Suggest.Closest(name, catalog.Current.Workflows.Keys) is { } near ? $"Did you mean '{near}'?" : "Add it with AddWorkflow or AddWorkflowsFrom.");

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        _processes.Dispose();
        _http.Dispose();
        _containers.Dispose();
        _kills.Dispose();
        foreach (var executor in _added.Values)
            if (executor is IAsyncDisposable later) await later.DisposeAsync().ConfigureAwait(false);
            else (executor as IDisposable)?.Dispose();
    }

    // The host's program is somebody else's, so nobody hands its environment on: it is read here, once, unless the options say otherwise.
    private static Dictionary<string, string> OwnVariables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables()) variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}
