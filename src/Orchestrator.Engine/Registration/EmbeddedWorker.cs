using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Lifecycle;
using Orchestrator.Engine.Lifecycle.Subscriptions;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Registration;

/// <summary>
/// The life of an orchestrator inside a host, in order: lock, journal, recovery, definitions, readiness; then drain, interruption, the last
/// events. It composes what the container holds, so it is given the container.
/// </summary>
internal sealed class EmbeddedWorker(IServiceProvider services, ILogger<EmbeddedWorker> log) : IHostedService, IAsyncDisposable
{
    // The same file as that of `orchestrator serve`: one of them has the directory.
    private const string NodeLock = "serve.lock";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastEvents = TimeSpan.FromSeconds(5);

    private readonly OrchestratorOptions _options = services.GetRequiredService<IOptions<OrchestratorOptions>>().Value;
    private readonly IRunStore _store = services.GetRequiredService<IRunStore>();
    private readonly EmbeddedJournal _journal = services.GetRequiredService<EmbeddedJournal>();
    private readonly LifecyclePublisher _publisher = services.GetRequiredService<LifecyclePublisher>();
    private readonly TimeProvider _clock = services.GetRequiredService<TimeProvider>();
    private readonly OrchestratorClient _client = services.GetRequiredService<OrchestratorClient>();
    private readonly CancellationTokenSource _stopping = new();
    private DirectoryLock? _held;
    private bool _ownsJournal;
    private EmbeddedEngine? _engine;
    private LiveDefinitions? _definitions;
    private IDisposable? _ends;
    private IDisposable? _scheduled;
    private bool _disposed;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var began = _clock.GetTimestamp();
            log.Opening(_store.Place);
            var adopted = await OpenAsync(cancellationToken).ConfigureAwait(false);
            _ = services.GetRequiredService<EventSubscriptions>();   // listens from the first event on
            var reports = services.GetRequiredService<ReportSink>();
            if (_options.Reports) _ends = _publisher.Subscribe(batch => ReportEnd(reports, batch));
            var catalog = services.GetRequiredService<WorkflowCatalog>();
            _engine = new(services, _options);
            _scheduled = _publisher.Subscribe(services.GetRequiredService<ScheduleReconciler>().Take);
            Follow(catalog);
            await _engine.Engine.AdoptAsync(adopted, "its worker was gone when this one started", cancellationToken).ConfigureAwait(false);
            if (_options.Reports && _ownsJournal) reports.FindMissing(Task.CompletedTask);
            _client.Open(_engine.Engine);
            log.Ready(catalog.Current.Workflows.Count, adopted.Count, _clock.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (Exception e)
        {
            _client.Fail(e);
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_engine is not { Engine: { } engine }) return;
        var began = _clock.GetTimestamp();
        log.Stopping(engine.Snapshot.UsedSlots, _options.Drain.TotalMilliseconds);
        await _stopping.CancelAsync().ConfigureAwait(false);
        services.GetRequiredService<ScheduleReconciler>().Halt();
        if (_definitions is { } definitions) await definitions.DisposeAsync().ConfigureAwait(false);
        var stopping = engine.StopAsync(_options.Drain);
        await using (cancellationToken.Register(() => _ = engine.StopAsync(TimeSpan.Zero)).ConfigureAwait(false))   // the host's patience is at its end
            await stopping.ConfigureAwait(false);
        await LastEventsAsync().ConfigureAwait(false);
        log.Stopped(_clock.GetElapsedTime(began).TotalMilliseconds);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_definitions is { } definitions) await definitions.DisposeAsync().ConfigureAwait(false);
        if (_engine is { } engine) await engine.DisposeAsync().ConfigureAwait(false);
        _ends?.Dispose();
        _scheduled?.Dispose();
        await _journal.CloseAsync().ConfigureAwait(false);
        _held?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Submits the run of a due time; false when it existed already.</summary>
    public async Task<bool> DispatchAsync(ScheduledRun due, CancellationToken stop)
    {
        var engine = _engine?.Engine ?? throw new InvalidOperationException("The orchestrator has not started.");
        var accepted = await engine.SubmitAsync(due.Request, stop).ConfigureAwait(false);
        return !accepted.AlreadyExisted;
    }

    /// <summary>Asks a run to stop that a due time replaces.</summary>
    public Task CancelAsync(RunId run, CancellationToken stop) => _engine?.Engine.CancelAsync(run, "schedule", stop) ?? Task.CompletedTask;

    /// <summary>A journal the caller registered is used as it is; ours is opened, and what dead processes left in it is taken over.</summary>
    private async Task<IReadOnlyList<AdoptedRun>> OpenAsync(CancellationToken stop)
    {
        var state = _store.State;
        state.Create();
        // A verb that looks whether somebody holds the lock takes a shared one for an instant.
        _held = await DirectoryLock.TryTakeAsync(state.Disk, state.PathOf(NodeLock), s_patience, _clock, stop).ConfigureAwait(false)
            ?? throw new IOException($"The data directory {_store.Place} is in use by another worker or by `orchestrator serve`. Give each worker a DataDirectory of its own.");
        services.GetRequiredService<Installation>().Prepare();
        _ownsJournal = ReferenceEquals(services.GetRequiredService<IRunJournal>(), _journal);
        return _ownsJournal ? await _journal.OpenAsync(_options.Durability).ConfigureAwait(false) : [];
    }

    private void Follow(WorkflowCatalog catalog)
    {
        var registered = services.GetRequiredService<Registered>();
        var schedules = services.GetRequiredService<ScheduleReconciler>();
        schedules.Recorded += _publisher.Publish;
        _publisher.RefusedSchedules = () => schedules.RefusedNow.Select(r => r.Workflow);
        catalog.Changed += snapshot => schedules.Apply([.. snapshot.Workflows.Values.Select(e => e.Definition)]);
        _definitions = new(catalog, registered.Folders, registered.Configuration, _options.BaseDirectory, _clock, services.GetRequiredService<ILogger<LiveDefinitions>>())
        {
            Built = registered.Sources,
        };
        _definitions.Load();
        schedules.Apply([.. catalog.Current.Workflows.Values.Select(e => e.Definition)]);   // also where nothing was loaded: what an earlier process had in force ends
        if ((registered.FollowsFolders && registered.Folders.Count > 0) || registered.Configuration?.GetSection(InlineDefinitions.Path).Exists() == true) _definitions.Follow();
    }

    // A handler that never returns must not keep the host from stopping.
    private async Task LastEventsAsync()
    {
        using var patience = new CancellationTokenSource(s_lastEvents, _clock);
        try
        {
            await _publisher.FlushAsync(patience.Token).ConfigureAwait(false);
            await services.GetRequiredService<EventSubscriptions>().FlushAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            log.EventsLeft(s_lastEvents);
        }
    }

    private static void ReportEnd(ReportSink reports, AppendedBatch batch)
    {
        if (!batch.IsHistory && batch.Events is [.., { Event: WorkflowEnded }]) reports.Enqueue(batch.RunId);
    }
}
