using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Lifecycle;
using Orchestrator.Engine.Lifecycle.Delivery;
using Orchestrator.Engine.Lifecycle.Feed;
using Orchestrator.Engine.Lifecycle.Health;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Triggers;
using Orchestrator.Engine.Triggers.Files;
using Orchestrator.Worker.Api.Triggers;

namespace Orchestrator.Worker.Hosting;

/// <summary>What `serve` does besides answering: recovers runs, keeps definitions and schedules in force.</summary>
internal sealed class ServeWork : IAsyncDisposable
{
    private readonly LiveDefinitions _definitions;
    private readonly ScheduleReconciler _schedules;
    private readonly LiveTriggers _triggers;
    private readonly OpenBackfills _backfills;
    private readonly TriggerFeed _triggerFeed;
    private readonly FileArrivals _arrivals;
    private readonly EventRefusals _refusals;
    private readonly NodeStream _stream;
    private readonly IReadOnlyList<IDisposable> _subscriptions;
    private readonly IAsyncDisposable _feed;
    private readonly Deliveries _deliveries;
    private readonly IDisposable _health;

    private ServeWork(LiveDefinitions definitions, ScheduleReconciler schedules, LiveTriggers triggers, OpenBackfills backfills, TriggerFeed triggerFeed, FileArrivals arrivals, EventRefusals refusals, NodeStream stream, IReadOnlyList<IDisposable> subscriptions, IAsyncDisposable feed, Deliveries deliveries, IDisposable health, int workflows) =>
        (_definitions, _schedules, _triggers, _backfills, _triggerFeed, _arrivals, _refusals, _stream, _subscriptions, _feed, _deliveries, _health, Workflows) = (definitions, schedules, triggers, backfills, triggerFeed, arrivals, refusals, stream, subscriptions, feed, deliveries, health, workflows);

    public required RunEngine Engine { get; init; }

    public required WorkflowCatalog Catalog { get; init; }

    public required ReportSink Reports { get; init; }

    public required IEventFeed Feed { get; init; }

    /// <summary>Completes once definitions were put in force and what was due then has its entries.</summary>
    public Task Looked => _schedules.Looked;

    /// <summary>Schedules that definitions have, those that are off or wrong too.</summary>
    public int Schedules => Catalog.Current.Workflows.Values.Sum(e => e.Definition.Schedules.Length + e.Definition.RefusedSchedules.Length);

    /// <summary>Definitions and schedules that are wrong, a line each.</summary>
    public IReadOnlyList<string> Wrong =>
    [
        .. Catalog.Current.Problems.SelectMany(p => p.Value).Select(p => p.ToString()).Union(
            _schedules.RefusedNow.Select(r => $"{new SourceSpan(r.File, r.Line, r.Column)}: schedule {r.Workflow}/{r.ScheduleId}: {r.Error}")),
    ];

    /// <summary>Whether everything that was delivered by now is done with.</summary>
    public bool HasTold => Reports.IsIdle && _deliveries.HasTold(Feed.End);

    /// <summary>Whether nothing is open and nothing is about to be.</summary>
    public async Task<bool> IsIdleAsync(CancellationToken stop)
    {
        // In this order: what a schedule has handed over is open in the engine by then.
        if (!_schedules.IsIdle || _backfills.Open > 0) return false;
        await Engine.PingAsync(stop);
        return Engine.Snapshot.OpenRuns == 0 && _triggerFeed.Position >= Feed.End;
    }

    /// <summary>Workflows in force at the start.</summary>
    public int Workflows { get; }

    public static async Task<ServeWork> BeginAsync(
        EngineAssembly assembly, IReadOnlyList<AdoptedRun> adopted, IServiceProvider services, Settings settings, WorkerIdentity identity, ILogger log, CancellationToken stop)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        var began = clock.GetTimestamp();
        var reports = services.GetRequiredService<ReportSink>();
        var schedules = services.GetRequiredService<ScheduleReconciler>();
        var ends = assembly.Engine.Subscribe(batch => ReportEnd(reports, batch));
        var scheduled = assembly.Engine.Subscribe(schedules.Take);
        var installation = services.GetRequiredService<Installation>();
        var backfills = new OpenBackfills(new(
            assembly.Journal, assembly.Store, new(assembly.Engine.SubmitAsync, assembly.Engine.CancelAsync), clock, () => installation.Id, services.GetRequiredService<ILogger<OpenBackfills>>()));
        services.GetRequiredService<ServeNode>().Carry(backfills);
        var items = assembly.Engine.Subscribe(backfills.Take);
        var (feed, feedLog) = (assembly.OpenFeed(clock, services.GetRequiredService<ILoggerFactory>()), services.GetRequiredService<ILogger<LostEvents>>());
        services.GetRequiredService<ServeNode>().Follow(feed);
        var (runs, system) = (assembly.Publisher.Subscribe(_ => feed.Wake()), assembly.Publisher.SubscribeSystem(_ => feed.Wake()));
        var lost = new List<JournalEvent>();
        // Before anything is appended to a stream that may have lost its end.
        adopted = await new LostEvents(assembly.Store, assembly.Journal, clock, feedLog).FindAsync(feed.ToldBefore, adopted, lost.Add, stop);
        feed.Start();
        var stream = new NodeStream(assembly.Journal, assembly.Publisher, identity, clock, services.GetRequiredService<ILogger<NodeStream>>());
        var folder = Deliveries.FolderIn(assembly.Store.State);
        var deliveries = new Deliveries(settings.Options.Deliveries, assembly.Secrets, new(
            assembly.Store, feed, new(folder), new(folder), new(), stream.Tell, clock, services.GetRequiredService<ILogger<Deliveries>>()) { Health = services.GetRequiredService<DeliveryHealth>() });
        deliveries.Start();   // before any run goes on: what it tells is looked at from here on
        await stream.AppendAsync(new WorkerStarted(identity.InstanceId, identity.Version), stop);
        foreach (var e in assembly.Recovered) stream.Tell(e);
        foreach (var e in lost) stream.Tell(e);
        var health = services.GetRequiredService<TelemetryHealth>().Follow(stream.Tell);
        var refusals = services.GetRequiredService<EventRefusals>();
        refusals.Follow(stream.Tell);
        var catalog = services.GetRequiredService<WorkflowCatalog>();
        var definitions = new LiveDefinitions(
            catalog, [settings.Options.Workflows.Path], settings.Configuration, settings.InlineFolder, clock,
            services.GetRequiredService<ILogger<LiveDefinitions>>(), (origin, problems) => stream.Tell(Rejected(origin, problems)));
        definitions.Load();   // before any run goes on: its tasks may name other workflows

        await assembly.Engine.AdoptAsync(adopted, "its worker was gone when this one started", stop);
        foreach (var run in adopted)
        {
            await CancelIfAskedAsync(new(assembly.Store.Mail, run.RunId), assembly, run.RunId, stop);
            await new AnswerMailbox(assembly.Store.Mail, run.RunId).DeliverAsync(assembly.Engine, stop);
        }
        log.RunsAdopted(adopted.Count, clock.GetElapsedTime(began).TotalMilliseconds);

        backfills.Recorded += assembly.Publisher.Publish;
        await backfills.ContinueAsync(stop);
        schedules.Recorded += assembly.Publisher.Publish;
        schedules.Refused += stream.Tell;
        assembly.Publisher.RefusedSchedules = () => schedules.RefusedNow.Select(r => r.Workflow);
        var triggers = services.GetRequiredService<LiveTriggers>();
        triggers.Recorded += assembly.Publisher.Publish;
        catalog.Changed += snapshot => triggers.Apply([.. snapshot.Workflows.Values.Select(e => e.Definition)]);
        triggers.Apply([.. catalog.Current.Workflows.Values.Select(e => e.Definition)]);
        catalog.Changed += snapshot => schedules.Apply([.. snapshot.Workflows.Values.Select(e => e.Definition)]);
        schedules.Apply([.. catalog.Current.Workflows.Values.Select(e => e.Definition)]);
        definitions.Follow();
        var triggerFeed = new TriggerFeed(feed, assembly.Store, catalog, triggers, services.GetRequiredService<TriggerOptions>(), clock, services.GetRequiredService<ILogger<TriggerFeed>>());
        triggerFeed.Start();   // behind the definitions: what they wait for is known
        var arrivals = new FileArrivals(assembly.Store.State, triggers, services.GetRequiredService<TriggerOptions>(), clock, services.GetRequiredService<ILogger<FileArrivals>>());
        catalog.Changed += snapshot => arrivals.Apply([.. snapshot.Workflows.Values.Select(e => e.Definition)]);
        arrivals.Apply([.. catalog.Current.Workflows.Values.Select(e => e.Definition)]);
        return new(definitions, schedules, triggers, backfills, triggerFeed, arrivals, refusals, stream, [ends, scheduled, items, runs, system], feed, deliveries, health, catalog.Current.Workflows.Count) { Engine = assembly.Engine, Catalog = catalog, Reports = reports, Feed = feed };
    }

    /// <summary>Takes nothing new into account any more.</summary>
    public async Task StopAsync(string reason)
    {
        await _definitions.DisposeAsync();
        await _backfills.DisposeAsync();   // what is open is continued when the service is back
        _schedules.Halt();   // a due time that falls into the drain is decided when the service is back
        await _triggerFeed.DisposeAsync();
        await _arrivals.DisposeAsync();
        await _triggers.HaltAsync(CancellationToken.None);
        _refusals.Flush();
        _health.Dispose();   // worker.stopping is the stream's last word
        await _stream.StopAsync(reason);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subscription in _subscriptions) subscription.Dispose();
        _health.Dispose();
        await _backfills.DisposeAsync();
        await _definitions.DisposeAsync();
        await _triggerFeed.DisposeAsync();
        await _arrivals.DisposeAsync();
        await _deliveries.DisposeAsync();
        await _stream.DisposeAsync();   // deliveries tell of themselves to their end
        await _feed.DisposeAsync();
    }

    // Somebody asked while nobody carried the run out.
    private static async Task CancelIfAskedAsync(CancelRequest request, EngineAssembly assembly, RunId run, CancellationToken stop)
    {
        if (request.Read() is { } ask) await assembly.Engine.CancelAsync(run, ask, stop);   // the file stays: a crash now must not forget it
    }

    private static void ReportEnd(ReportSink reports, AppendedBatch batch)
    {
        if (!batch.IsHistory && batch.Events is [.., { Event: WorkflowEnded }]) reports.Enqueue(batch.RunId);
    }

    private static DefinitionRejected Rejected(string origin, ImmutableArray<Problem> problems) => new(origin, problems.Length, problems[0].ToString());
}
