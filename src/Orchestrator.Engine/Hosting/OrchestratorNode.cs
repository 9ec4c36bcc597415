using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Subscriptions;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.Engine.Hosting;

/// <summary>
/// An orchestrator at work in a process that holds the data directory's lock: `serve`, and one inside a host. Its life, in order: journal, lost
/// events, feed, deliveries, its own stream, definitions, recovery, backfills, schedules, triggers, then what nobody waits for. At the end the same
/// order takes nothing new, then drain, interruption, the last events. It composes what the container holds, so it is given the container.
/// </summary>
internal sealed class OrchestratorNode : IAsyncDisposable
{
    private readonly IServiceProvider _services;
    private readonly NodeSetup _setup;
    private readonly ILogger _log;
    private readonly ILoggerFactory _logs;
    private readonly TimeProvider _clock;
    private readonly LifecyclePublisher _publisher;
    private readonly IRunJournal _journal;
    private readonly NodeJournal? _own;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<INodeFeature> _features = [];
    private readonly List<IDisposable> _listening = [];
    private NodeEngine? _engine;
    private NodeBackfills? _backfills;
    private NodeTriggers? _triggers;
    private DeliveryLanes? _deliveries;
    private NodeStream? _stream;
    private IEventFeed? _feed;
    private IAsyncDisposable? _feedEnd;
    private IDisposable? _health;
    private bool _disposed;

    public OrchestratorNode(IServiceProvider services, NodeSetup setup, ILogger<OrchestratorNode> log)
    {
        (_services, _setup, _log) = (services, setup, log);
        (_logs, _clock) = (services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>());
        (Store, Catalog) = (services.GetRequiredService<IRunStore>(), services.GetRequiredService<WorkflowCatalog>());
        (_journal, _publisher) = (services.GetRequiredService<IRunJournal>(), services.GetRequiredService<LifecyclePublisher>());
        // A journal the caller registered is used as it is: nothing in it is taken over, archived or removed, and it has no order of all events.
        var own = services.GetRequiredService<NodeJournal>();
        _own = ReferenceEquals(_journal, own) ? own : null;
    }

    /// <summary>Runs as they are kept.</summary>
    public IRunStore Store { get; }

    /// <summary>The definitions in force.</summary>
    public WorkflowCatalog Catalog { get; }

    public WorkerIdentity Identity => _setup.Identity;

    public TimeSpan Drain => _setup.Options.Shutdown.Drain;

    public RunEngine Engine => Opened.Engine;

    public SecretSource Secrets => Opened.Secrets;

    /// <summary>The order of all events.</summary>
    public IEventFeed Feed =>
        _feed ?? throw new InvalidOperationException("There is no order of all events: the journal is not open yet, or is none of the orchestrator's own.");

    /// <summary>The index of runs; null: it has not begun, or the journal is none of the orchestrator's own.</summary>
    public LiveIndex? Index { get; private set; }

    public OpenBackfills Backfills => _backfills?.Open ?? throw NotOpen();

    public LiveTriggers Triggers => _services.GetRequiredService<LiveTriggers>();

    /// <summary>Where events from outside go.</summary>
    public PostedEvents Events => _services.GetRequiredService<PostedEvents>();

    /// <summary>Completes once definitions were put in force and what was due then has its entries.</summary>
    public Task Looked => _services.GetRequiredService<ScheduleReconciler>().Looked;

    /// <summary>Schedules that definitions have, those that are off or wrong too.</summary>
    public int Schedules => Catalog.Current.Workflows.Values.Sum(e => e.Definition.Schedules.Length + e.Definition.RefusedSchedules.Length);

    /// <summary>Definitions and schedules that are wrong, a line each.</summary>
    public IReadOnlyList<string> Wrong =>
    [
        .. Catalog.Current.Problems.SelectMany(p => p.Value).Select(p => p.ToString()).Union(
            _services.GetRequiredService<ScheduleReconciler>().RefusedNow
                .Select(r => $"{new SourceSpan(r.File, r.Line, r.Column)}: schedule {r.Workflow}/{r.ScheduleId}: {r.Error}")),
    ];

    /// <summary>Whether everything that was delivered by now is done with.</summary>
    public bool HasTold => _services.GetRequiredService<ReportSink>().IsIdle && (_deliveries is null || _deliveries.HasTold(Feed.End));

    private NodeEngine Opened => _engine ?? throw NotOpen();

    /// <summary>Opens the journal and makes the engine; no run goes on yet. The data directory must be this process's.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be used.</exception>
    /// <exception cref="JournalCorruptException">Something that was durable is damaged.</exception>
    public void Open()
    {
        if (_own is null && _setup.Options.Deliveries is not { Webhooks.IsEmpty: true, RabbitMq: null })
            throw new InvalidOperationException("Deliveries need the order of all events, which a journal of your own does not have: set no Deliveries, or register no IRunJournal.");
        _services.GetRequiredService<Installation>().Prepare();
        var began = _clock.GetTimestamp();
        _log.OpeningJournal(Store.Place);
        _own?.Open();
        _ = _services.GetService<EventSubscriptions>();   // listens from the first event on
        _engine = new(new()
        {
            Options = _setup.Options, Identity = _setup.Identity, Environment = _setup.Environment,
            Store = Store, Journal = _journal, Publisher = _publisher, Clock = _clock, Logs = _logs,
            Workflows = CatalogLookup.Of(Catalog, _setup.Unknown), Sampling = _setup.Sampling, BaseDirectory = _setup.BaseDirectory,
            Delegates = _setup.Delegates, Scopes = _services.GetService<IServiceScopeFactory>(), Ambient = _services.GetService<AmbientAttempt>(),
            Added = _setup.Executors.ToDictionary(e => e.Key, e => e.Value(_services), StringComparer.Ordinal),
        });
        _log.JournalOpen(_clock.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>The open runs of dead writers, which are this process's from now on. Reading them takes a while, in which the host may start.</summary>
    /// <exception cref="JournalCorruptException">What a dead writer left is damaged.</exception>
    public Task<IReadOnlyList<AdoptedRun>> ClaimAsync() => _own?.Ownership.ClaimAbandonedAsync() ?? Task.FromResult<IReadOnlyList<AdoptedRun>>([]);

    /// <summary>Recovers runs and puts definitions, schedules and triggers in force: afterwards it takes work.</summary>
    public async Task BeginAsync(IReadOnlyList<AdoptedRun> adopted, CancellationToken stop)
    {
        var lost = new List<JournalEvent>();
        if (_own is { } own) adopted = await OpenFeedAsync(own, adopted, lost, stop).ConfigureAwait(false);
        _stream = new(_journal, _publisher, _setup.Identity, _clock, _logs.CreateLogger<NodeStream>());
        Deliver(_stream);   // before any run goes on: what it tells is looked at from here on
        await _stream.AppendAsync(new WorkerStarted(_setup.Identity.InstanceId, _setup.Identity.Version ?? ""), stop).ConfigureAwait(false);
        foreach (var e in (_own?.Recovered ?? []).Concat(lost)) _stream.Tell(e);
        _health = _services.GetService<TelemetryHealth>()?.Follow(_stream.Tell);

        var definitions = Compose(adopted, _stream);
        foreach (var feature in _features) await feature.BeginAsync(stop).ConfigureAwait(false);
        definitions.Follow();
    }

    /// <summary>Begins what nobody waits for.</summary>
    public void BeginLate()
    {
        if (_own is null) return;
        new LateWork(_own, Store, _publisher, Catalog, _setup.Options.Retention, _clock, _log)
            .Begin(_setup.Reports ? _services.GetRequiredService<ReportSink>() : null, Index, _stopping.Token);
    }

    /// <summary>Takes nothing new, lets attempts in flight finish within the drain, interrupts the others, and tells the last events.</summary>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="impatient">Ends the drain.</param>
    public async Task StopAsync(string reason, CancellationToken impatient = default)
    {
        var began = _clock.GetTimestamp();
        _log.Stopping(Engine.Snapshot.UsedSlots, Drain.TotalMilliseconds);
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var feature in _features) await feature.StopAsync().ConfigureAwait(false);
        _health?.Dispose();   // worker.stopping is the stream's last word
        if (_stream is { } stream) await stream.StopAsync(reason).ConfigureAwait(false);
        var stopping = Engine.StopAsync(Drain);
        await using (impatient.Register(() => _ = Engine.StopAsync(TimeSpan.Zero)).ConfigureAwait(false)) await stopping.ConfigureAwait(false);
        await LastEventsAsync().ConfigureAwait(false);
        _log.Stopped(_clock.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>Ends what features still do; the engine and the journal stay until the disposal.</summary>
    public async Task EndAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var listening in _listening) listening.Dispose();
        _health?.Dispose();
        foreach (var feature in _features) await feature.DisposeAsync().ConfigureAwait(false);
        if (_deliveries is { } deliveries) await deliveries.DisposeAsync().ConfigureAwait(false);
        if (_stream is { } stream) await stream.DisposeAsync().ConfigureAwait(false);   // deliveries tell of themselves to their end
        if (_feedEnd is { } feed) await feed.DisposeAsync().ConfigureAwait(false);
        (_deliveries, _stream, _feedEnd) = (null, null, null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await EndAsync().ConfigureAwait(false);
        if (_engine is { } engine) await engine.DisposeAsync().ConfigureAwait(false);
        await _publisher.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        if (_own is { } own) await own.CloseAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Deliveries that wait to start their run.</summary>
    public IReadOnlyList<HeldDeliveries> Held => Triggers.Held;

    /// <summary>Whether nothing is open and nothing is about to be.</summary>
    /// <param name="held">Deliveries that wait are about to start a run when they do so by then.</param>
    /// <param name="stop">Ends the waiting.</param>
    public async Task<bool> IsIdleAsync(DateTimeOffset held, CancellationToken stop)
    {
        // In this order: what a schedule or a trigger has handed over is open in the engine by then.
        if (!_services.GetRequiredService<ScheduleReconciler>().IsIdle || Backfills.Open > 0 || Held.Any(h => h.Until <= held) || !Triggers.HasSubmitted) return false;
        await Engine.PingAsync(stop).ConfigureAwait(false);
        return Engine.Snapshot.OpenRuns == 0 && _triggers is { HasHeard: true };
    }

    /// <summary>Appends to the node's own stream, in the background; nothing before it has begun.</summary>
    public void Tell(JournalEvent e) => _stream?.Tell(e);

    /// <summary>Submits the run of a due time; false when it existed already.</summary>
    public async Task<bool> DispatchAsync(ScheduledRun due, CancellationToken stop)
    {
        var began = _clock.GetTimestamp();
        _log.ScheduleFiring(due.Definition.Name, due.Schedule.Id, due.DueAt, due.RunId);
        var accepted = await Engine.SubmitAsync(due.Request, stop).ConfigureAwait(false);
        _log.ScheduleFired(due.Definition.Name, due.Schedule.Id, accepted.RunId, accepted.AlreadyExisted, _clock.GetElapsedTime(began).TotalMilliseconds);
        return !accepted.AlreadyExisted;
    }

    /// <summary>Submits the run of a trigger; false when it existed already.</summary>
    public async Task<bool> DispatchAsync(TriggeredRun due, CancellationToken stop)
    {
        var accepted = await Engine.SubmitAsync(due.Request, stop).ConfigureAwait(false);
        return !accepted.AlreadyExisted;
    }

    /// <summary>Asks a run to stop that a due time replaces.</summary>
    public Task CancelAsync(RunId run, CancellationToken stop) => Engine.CancelAsync(run, "schedule", stop);

    /// <summary>Asks a run to stop because it is time for that.</summary>
    public Task StopAsync(RunId run, string why, CancellationToken stop) => Engine.CancelAsync(run, new CancelAsk("schedule", why), stop);

    // The features in the order in which they begin and stop. They listen from now on, before any run goes on.
    private NodeDefinitions Compose(IReadOnlyList<AdoptedRun> adopted, NodeStream stream)
    {
        var installation = _services.GetRequiredService<Installation>();
        var definitions = new NodeDefinitions(Catalog, _setup, _clock, _logs.CreateLogger<LiveDefinitions>(), stream.Tell);
        var backfills = new BackfillActions(Engine.SubmitAsync, Engine.CancelAsync);
        _backfills = new(new(_journal, Store, backfills, _clock, () => installation.Id, _logs.CreateLogger<OpenBackfills>()), _publisher);
        _triggers = new(Triggers, Catalog, Store, _feed, _services.GetRequiredService<TriggerOptions>(), _publisher, _clock, _logs);
        var schedules = _services.GetRequiredService<ScheduleReconciler>();
        schedules.Refused += stream.Tell;
        if (_feed is { } feed) _features.Add(new NodeIndex(Index = new(Store, feed, _publisher, _clock, _logs.CreateLogger<LiveIndex>())));
        if (_setup.Reports) _features.Add(new NodeReports(_services.GetRequiredService<ReportSink>(), _publisher));
        var recovery = new NodeRecovery(Engine, Store.Mail, adopted, _clock, _log);
        _features.AddRange([definitions, recovery, _backfills, new NodeSchedules(schedules, Catalog, _publisher), _triggers]);
        _features.AddRange(_services.GetRequiredService<AddedFeatures>().All);
        return definitions;
    }

    private async Task<IReadOnlyList<AdoptedRun>> OpenFeedAsync(NodeJournal journal, IReadOnlyList<AdoptedRun> adopted, List<JournalEvent> lost, CancellationToken stop)
    {
        var feed = journal.OpenFeed(_clock);
        (_feed, _feedEnd) = (feed, feed);
        _listening.AddRange([_publisher.Subscribe(_ => feed.Wake()), _publisher.SubscribeSystem(_ => feed.Wake())]);
        // Before anything is appended to a stream that may have lost its end.
        var search = new LostEvents(Store, _journal, _clock, _logs.CreateLogger<LostEvents>());
        adopted = await search.FindAsync(feed.ToldBefore, adopted, lost.Add, stop).ConfigureAwait(false);
        feed.Start();
        return adopted;
    }

    private void Deliver(NodeStream stream)
    {
        if (_feed is null) return;
        var folder = DeliveryLanes.FolderIn(Store.State);
        var parts = new LaneParts(Store, _feed, new(folder), new(folder), new(), stream.Tell, _clock, _logs.CreateLogger<DeliveryLanes>());
        _deliveries = new(_setup.Options.Deliveries, Secrets, parts with { Health = _services.GetRequiredService<DeliveryHealth>() });
        _deliveries.Start();
    }

    // A handler that never returns must not keep the host from stopping.
    private async Task LastEventsAsync()
    {
        using var patience = _setup.Patience is { } most ? new CancellationTokenSource(most, _clock) : new();
        try
        {
            await _publisher.FlushAsync(patience.Token).ConfigureAwait(false);
            if (_services.GetService<EventSubscriptions>() is { } subscriptions) await subscriptions.FlushAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _log.EventsLeft(_setup.Patience.GetValueOrDefault());
        }
    }

    private static InvalidOperationException NotOpen() => new("The orchestrator has not started: its journal is not open yet.");
}
