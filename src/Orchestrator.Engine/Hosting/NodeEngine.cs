using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Container;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Executors.Http;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Sql;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Children;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Hosting;

/// <summary>What an engine is put together of.</summary>
internal sealed record NodeEngineParts
{
    public required NodeOptions Options { get; init; }

    public required WorkerIdentity Identity { get; init; }

    /// <summary>Variables that secrets are read from and child processes may get.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IRunStore Store { get; init; }

    public required IRunJournal Journal { get; init; }

    public required LifecyclePublisher Publisher { get; init; }

    /// <summary>The definition in force under a name, for tasks that run other workflows.</summary>
    public required Func<string, string, WorkflowLookup> Workflows { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILoggerFactory Logs { get; init; }

    public RunSampling Sampling { get; init; } = RunSampling.Always;

    /// <summary>Folder that relative paths of workflows without a file start from; null: the current directory.</summary>
    public string? BaseDirectory { get; init; }

    /// <summary>How long a journal that takes no writes is tried again; null: for ever.</summary>
    public TimeSpan? JournalPatience { get; init; }

    /// <summary>Code by name, for tasks of kind delegate.</summary>
    public TaskDelegates Delegates { get; init; } = new();

    /// <summary>Where classes among the delegates are made; null: there are none.</summary>
    public IServiceScopeFactory? Scopes { get; init; }

    /// <summary>Which attempt code belongs to; null: nobody asks.</summary>
    public AmbientAttempt? Ambient { get; init; }

    /// <summary>Executors of further kinds, or in place of our own; disposed with the engine.</summary>
    public IReadOnlyDictionary<string, ITaskExecutor> Added { get; init; } = new Dictionary<string, ITaskExecutor>();
}

/// <summary>An engine and the executors below it, put together the same way wherever runs are carried out. Disposing it interrupts what still runs.</summary>
internal sealed class NodeEngine : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, ITaskExecutor> _added;
    private readonly ProcessTaskExecutor _processes;
    private readonly HttpTaskExecutor _http;
    private readonly ContainerTaskExecutor _containers;
    private readonly KillSet _kills;
    private readonly SqlConnections _databases;

    public NodeEngine(NodeEngineParts parts)
    {
        var (options, environment, clock, logs, store, publisher) = (parts.Options, parts.Environment, parts.Clock, parts.Logs, parts.Store, parts.Publisher);
        var limits = options.TaskLimits(store.State.Disk);
        _added = parts.Added;
        _processes = new(limits, environment, clock, logs.CreateLogger<ProcessTaskExecutor>());
        _http = new(limits, clock, logs.CreateLogger<HttpTaskExecutor>());
        _containers = new(_processes, new(options.Containers.Client, environment), limits, clock, logs.CreateLogger<ContainerTaskExecutor>());
        _databases = new(options.Connections, environment);
        _kills = new(limits, clock, logs.CreateLogger<KillSet>());
        var delegates = new DelegateTaskExecutor(parts.Delegates, limits, clock, logs.CreateLogger<DelegateTaskExecutor>())
        {
            Abandoned = attempt => publisher.DelegateAbandoned(attempt.Workflow, attempt.Task.Id), Scopes = parts.Scopes, Ambient = parts.Ambient ?? new(),
        };
        var own = new TaskExecutors(_processes, delegates, new())
            .And("http", _http).And("container", _containers).And("sql", new SqlTaskExecutor(_databases, limits, clock));
        Secrets = new(environment);
        Engine = new(
            new()
            {
                InstanceId = parts.Identity.InstanceId, Version = parts.Identity.Version, Slots = options.Runner.Slots, MaxOpenRuns = options.Runner.MaxOpenRuns,
                MaxRunningRuns = options.Runner.MaxRunningRuns, JournalPatience = parts.JournalPatience, Pools = options.Pools,
                Limits = new() { RunsPerSecond = options.Limits.RunsPerSecond, PerTenant = options.Limits.PerTenant, Burst = options.Limits.Burst },
                BaseDirectory = parts.BaseDirectory ?? Directory.GetCurrentDirectory(),
            },
            new()
            {
                Store = store, Journal = parts.Journal, Publisher = publisher, Clock = clock, Logs = logs, Limits = limits,
                Executors = kind => _added.GetValueOrDefault(kind) ?? own.Find(kind), Workflows = parts.Workflows, Secrets = Secrets, Sampling = parts.Sampling,
                EndLeftovers = async (runs, stop) =>
                {
                    await _kills.EndRunsAsync(runs, stop: stop).ConfigureAwait(false);
                    await _containers.EndLeftoversAsync(store.Files, runs).ConfigureAwait(false);
                },
            });
    }

    public RunEngine Engine { get; }

    public SecretSource Secrets { get; }

    /// <summary>Ends a run's processes at once, without a grace: for somebody who asked twice.</summary>
    public Task KillAsync(RunId run) => _kills.EndRunsAsync([run], TimeSpan.Zero);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        _processes.Dispose();
        _http.Dispose();
        _containers.Dispose();
        _kills.Dispose();
        await _databases.DisposeAsync().ConfigureAwait(false);
        foreach (var executor in _added.Values)
            if (executor is IAsyncDisposable later) await later.DisposeAsync().ConfigureAwait(false);
            else (executor as IDisposable)?.Dispose();
    }
}
