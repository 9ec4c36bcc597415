using Orchestrator.Engine;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Container;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Executors.Http;
using Orchestrator.Engine.Executors.Noop;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Sql;
using Orchestrator.Engine.Executors.Workflow;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Jsonl;
using Orchestrator.Engine.Journal.Jsonl.Feed;
using Orchestrator.Engine.Lifecycle;
using Orchestrator.Engine.Lifecycle.Health;
using Orchestrator.Engine.Lifecycle.Sinks.Tracing;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Worker.Hosting;

/// <summary>An engine and everything below it, put together the same way for `run` and `serve`. Disposing it interrupts what still runs.</summary>
internal sealed class EngineAssembly : IAsyncDisposable
{
    private readonly ProcessTaskExecutor _processes;
    private readonly HttpTaskExecutor _http;
    private readonly ContainerTaskExecutor _containers;
    private readonly KillSet _kills;
    private readonly SqlConnections _databases;
    private readonly JsonlRunJournal _journal;

    private EngineAssembly(
        IRunStore store, JsonlRunJournal journal, LifecyclePublisher publisher, ProcessTaskExecutor processes, HttpTaskExecutor http,
        ContainerTaskExecutor containers, KillSet kills, SqlConnections databases, RunEngine engine) =>
        (Store, _journal, Publisher, _processes, _http, _containers, _kills, _databases, Engine) =
        (store, journal, publisher, processes, http, containers, kills, databases, engine);

    /// <summary>Runs as they are kept.</summary>
    public IRunStore Store { get; }

    /// <summary>What this process appends to.</summary>
    public IRunJournal Journal => _journal;

    /// <summary>Which runs this process may append to.</summary>
    public IRunOwnership Ownership => _journal;

    /// <summary>What was found and mended when the journal was opened.</summary>
    public IEnumerable<JournalEvent> Recovered => _journal.Cuts.Select(cut => new JournalTailCut(Relative(cut.Segment), cut.Offset, cut.Bytes, Relative(cut.KeptAs)));

    public LifecyclePublisher Publisher { get; }

    public required SecretSource Secrets { get; init; }

    public RunEngine Engine { get; }

    /// <summary>Called when everything has been told and the instruments still exist: the time for the last collection.</summary>
    public Func<Task>? AfterLastEvent { get; set; }

    /// <param name="writer">Name of the journal folder this process writes.</param>
    /// <param name="workflows">The definition in force under a name, for tasks that run other workflows.</param>
    /// <param name="health">Told when telemetry loses events.</param>
    /// <param name="storage">Told what of the data directory cannot be written.</param>
    /// <param name="archivesWhenTold">The caller starts archiving itself.</param>
    /// <param name="journalPatience">How long a journal that takes no writes is tried again; null: for ever.</param>
    public static EngineAssembly Open(
        Settings settings, WorkerIdentity identity, IReadOnlyDictionary<string, string> environment, string writer, TimeSpan? journalPatience,
        Func<string, string, WorkflowLookup> workflows, TimeProvider clock, ILoggerFactory logs, TelemetryHealth? health, StorageHealth? storage = null, bool archivesWhenTold = false)
    {
        var options = settings.Options;
        var fault = FaultPoint.From(environment);
        var store = fault is null ? settings.Store : settings.StoreFor(fault.Reached);
        var disk = store.State.Disk;
        var journal = JsonlRunJournal.Open(new()
        {
            DataDirectory = settings.DataDirectory,
            Writer = writer,
            Durability = options.Journal.Durability,
            Disk = fault?.On(disk) ?? disk,
            Storage = storage ?? new(clock),
            ArchivesWhenTold = archivesWhenTold,
        }, logs.CreateLogger<JsonlRunJournal>());

        var limits = new ProcessTaskOptions
        {
            KillGrace = options.Processes.KillGrace, DelegateGrace = options.Processes.KillGrace,
            Disk = disk, LogLimit = options.Processes.LogLimit, OutputLimit = (int)options.Processes.OutputLimit, ArtifactsLimit = options.Artifacts.Limit,
        };
        var processes = new ProcessTaskExecutor(limits, environment, clock, logs.CreateLogger<ProcessTaskExecutor>());
        var http = new HttpTaskExecutor(limits, clock, logs.CreateLogger<HttpTaskExecutor>());
        var containers = new ContainerTaskExecutor(processes, new(options.Containers.Client, environment), limits, clock, logs.CreateLogger<ContainerTaskExecutor>());
        var databases = new SqlConnections(options.Connections, environment);
        var kinds = new TaskExecutors(processes, new(new TaskDelegates(), limits, clock, logs.CreateLogger<DelegateTaskExecutor>()), new NoopTaskExecutor())
            .And("http", http).And("container", containers).And("sql", new SqlTaskExecutor(databases, limits, clock));
        var kills = new KillSet(limits, clock, logs.CreateLogger<KillSet>());
        var secrets = new SecretSource(environment);
        var installation = new Installation(() => store.State);
        var publisher = new LifecyclePublisher(
            new() { PublicUrl = options.PublicUrl, Files = store.Files, Installation = () => installation.Known, History = run => journal.ReadAsync(StreamId.Run(run), 0, CancellationToken.None) }, identity.Producer, clock, logs, health);
        var engine = new RunEngine(
            new()
            {
                InstanceId = identity.InstanceId, Version = identity.Version, Slots = options.Runner.Slots, MaxOpenRuns = options.Runner.MaxOpenRuns,
                MaxRunningRuns = options.Runner.MaxRunningRuns, JournalPatience = journalPatience, Pools = options.Pools,
                Limits = new() { RunsPerSecond = options.Limits.RunsPerSecond, PerTenant = options.Limits.PerTenant, Burst = options.Limits.Burst },
            },
            new()
            {
                Store = store, Journal = journal, Publisher = publisher, Clock = clock, Logs = logs,
                Executors = kinds.Find, Limits = limits,
                Workflows = workflows,
                Secrets = secrets,
                Sampling = RunSampling.From(settings.Configuration),
                EndLeftovers = async (runs, stop) =>
                {
                    await kills.EndRunsAsync(runs, stop: stop);
                    await containers.EndLeftoversAsync(store.Files, runs);
                },
            });
        return new(store, journal, publisher, processes, http, containers, kills, databases, engine) { Secrets = secrets };
    }

    /// <summary>Opens the order of all events; it grows once it is started.</summary>
    public EventFeed OpenFeed(TimeProvider clock, ILoggerFactory logs) => _journal.OpenFeed(clock, logs.CreateLogger<EventFeed>());

    /// <summary>Finished runs leave the journal from now on.</summary>
    public void StartArchiving() => _journal.StartArchiving();

    /// <summary>Completes once the runs that have finished so far can be listed as finished.</summary>
    public Task SettledAsync() => _journal.SettledAsync();

    /// <summary>Ends a run's processes at once, without a grace: for somebody who asked twice.</summary>
    public Task KillAsync(RunId run) => _kills.EndRunsAsync([run], TimeSpan.Zero);

    private string Relative(string path) => Path.GetRelativePath(Store.Place, path);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Publisher.FlushAsync(CancellationToken.None);
        if (AfterLastEvent is { } collect) await collect();
        await Publisher.DisposeAsync();
        await _journal.DisposeAsync();
        _processes.Dispose();
        _http.Dispose();
        _containers.Dispose();
        _kills.Dispose();
        await _databases.DisposeAsync();
    }
}

/// <summary>Who this process is in events, metrics and spans.</summary>
internal sealed record WorkerIdentity(string InstanceId, string Version)
{
    public EventProducer Producer => new("orchestrator", InstanceId, Environment.MachineName, Version);

    public static WorkerIdentity Of(RunnerOptions options, string version) =>
        new(options.InstanceId ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}"), version);
}
