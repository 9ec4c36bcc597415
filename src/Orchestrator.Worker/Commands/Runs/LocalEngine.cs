using Orchestrator.Core.Runs;
using Orchestrator.Engine;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Children;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.Engine.Telemetry.Tracing;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>The engine of a verb that carries out one run, without a container: the same journal and executors as those of `serve`, and nothing that listens. Disposing it interrupts what still runs.</summary>
internal sealed class LocalEngine : IAsyncDisposable
{
    private readonly NodeJournal _journal;
    private readonly LifecyclePublisher _publisher;
    private readonly NodeEngine _engine;

    private LocalEngine(IRunStore store, NodeJournal journal, LifecyclePublisher publisher, NodeEngine engine) =>
        (Store, _journal, _publisher, _engine) = (store, journal, publisher, engine);

    /// <summary>Runs as they are kept.</summary>
    public IRunStore Store { get; }

    /// <summary>Which runs this process may append to.</summary>
    public IRunOwnership Ownership => _journal.Ownership;

    public RunEngine Engine => _engine.Engine;

    /// <summary>Called when everything has been told and the instruments still exist: the time for the last collection.</summary>
    public Func<Task>? AfterLastEvent { get; set; }

    /// <param name="writer">Name of the journal folder this process writes.</param>
    /// <param name="journalPatience">How long a journal that takes no writes is tried again.</param>
    /// <param name="workflows">The definition in force under a name, for tasks that run other workflows.</param>
    /// <param name="health">Told when telemetry loses events.</param>
    public static LocalEngine Open(
        Settings settings, WorkerIdentity identity, IReadOnlyDictionary<string, string> environment, string writer, TimeSpan journalPatience,
        Func<string, string, WorkflowLookup> workflows, TimeProvider clock, ILoggerFactory logs, TelemetryHealth? health)
    {
        var options = settings.Options;
        var fault = FaultPoint.From(environment);
        var store = fault is null ? settings.Store : settings.StoreFor(fault.Reached);
        var journal = new NodeJournal(store, writer, options.Journal.Durability, new(clock), logs) { Disk = fault?.On(store.State.Disk) };
        journal.Open();
        var installation = new Installation(() => store.State);
        var publisher = new LifecyclePublisher(
            new() { PublicUrl = options.PublicUrl, Files = store.Files, Installation = () => installation.Known, History = run => journal.ReadAsync(StreamId.Run(run), 0, CancellationToken.None) },
            identity.Producer, clock, logs, health);
        return new(store, journal, publisher, new(new()
        {
            Options = options, Identity = identity, Environment = environment, Store = store, Journal = journal, Publisher = publisher, Workflows = workflows, Clock = clock, Logs = logs,
            Sampling = RunSampling.From(settings.Configuration), JournalPatience = journalPatience,
        }));
    }

    /// <summary>Ends a run's processes at once, without a grace: for somebody who asked twice.</summary>
    public Task KillAsync(RunId run) => _engine.KillAsync(run);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _publisher.FlushAsync(CancellationToken.None);
        if (AfterLastEvent is { } collect) await collect();
        await _publisher.DisposeAsync();
        await _journal.CloseAsync();
    }
}
