using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Triggers;

/// <summary>The triggers in force: takes their deliveries, submits what they start, and goes on after a restart where an earlier process ended.</summary>
public sealed class LiveTriggers : BackgroundService
{
    private readonly Channel<IReadOnlyCollection<WorkflowDefinition>> _latest =
        Channel.CreateBounded<IReadOnlyCollection<WorkflowDefinition>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly ConcurrentDictionary<string, TriggerKeeper> _keepers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TriggerParts _parts;
    private readonly IRunStore? _store;
    private bool _begun;
    private bool _disposed;
    private volatile bool _halted;

    /// <summary>Makes it; definitions are put in force by <see cref="Apply"/>.</summary>
    public LiveTriggers(
        IRunJournal journal, TimeProvider clock, TriggerActions actions, TriggerOptions options, Installation installation, ILogger<LiveTriggers> log, IRunStore? store = null)
    {
        _store = store;
        _parts = new(journal, clock, actions, options, () => installation.Id, log, Note, _stopping.Token);
    }

    /// <summary>Told of every entry of a trigger's ledger once it is durable, from any thread; must return at once.</summary>
    public event Action<RecordedEvent>? Recorded;

    /// <summary>Deliveries that wait to start their run, for listings.</summary>
    internal IReadOnlyList<HeldDeliveries> Held => [.. _keepers.Values.Select(k => k.Held).OfType<HeldDeliveries>().OrderBy(h => h.Until)];

    /// <summary>Whether no trigger has a run to submit.</summary>
    internal bool HasSubmitted => _keepers.Values.All(k => !k.HasPending);

    /// <summary>Puts these definitions in force, all at once and soon; the latest call wins. Never blocks.</summary>
    public void Apply(IReadOnlyCollection<WorkflowDefinition> definitions) => _latest.Writer.TryWrite(definitions);

    /// <summary>Takes a delivery that passed the checks of its trigger; completes when what it has led to is durable.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was decided; the sender may try again.</exception>
    public async Task<DeliveryAnswer> DeliverAsync(WorkflowDefinition workflow, TriggerDefinition trigger, Delivery delivery, CancellationToken stop)
    {
        if (_halted) throw new Running.EngineStoppingException();
        var keeper = KeeperOf(workflow.Name, trigger.Id);
        await keeper.OpenAsync(workflow, trigger, stop).ConfigureAwait(false);
        return await keeper.DeliverAsync(delivery, stop).ConfigureAwait(false);
    }

    /// <summary>Takes a delivery under the id that the trigger's own rule gives it, where it has one; a rule that gives none refuses it.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was decided; the sender may try again.</exception>
    public async Task<DeliveryAnswer> DeliverByRuleAsync(WorkflowDefinition workflow, TriggerDefinition trigger, Delivery delivery, CancellationToken stop)
    {
        try
        {
            if (trigger.DeliveryId is not null && new TriggerBinding(workflow, trigger).DeliveryId(delivery.Facts, _parts.Clock.GetUtcNow()) is { } own) delivery = delivery with { Id = own };
        }
        catch (ExpressionException e)
        {
            await RejectAsync(workflow, trigger, new(RejectReasons.Params) { DeliveryId = delivery.Id, Error = e.Message }, stop).ConfigureAwait(false);
            return new DeliveryAnswer.Rejected(RejectReasons.Params, e.Message);
        }
        return await DeliverAsync(workflow, trigger, delivery, stop).ConfigureAwait(false);
    }

    /// <summary>Records that a delivery did not pass a check. Many of one kind within a second become one entry with their number.</summary>
    public async Task RejectAsync(WorkflowDefinition workflow, TriggerDefinition trigger, TriggerInput.Reject reject, CancellationToken stop)
    {
        _parts.Log.Rejected($"{workflow.Name}/{trigger.Id}", reject.Reason, reject.Error);
        if (!_halted) await KeeperOf(workflow.Name, trigger.Id).RejectAsync(reject, stop).ConfigureAwait(false);
    }

    /// <summary>Takes no delivery from now on; what waits is written down and stays for the next process.</summary>
    public async Task HaltAsync(CancellationToken stop)
    {
        _halted = true;
        foreach (var keeper in _keepers.Values)
        {
            try { await keeper.FlushAsync(stop).ConfigureAwait(false); }
            catch (Exception e) when (e is JournalUnavailableException or IOException) { _parts.Log.DecideFailed(e, keeper.Key, TimeSpan.Zero); }
        }
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Brings what is in force in line with the definitions. Called by one caller at a time.</summary>
    internal async Task ReconcileAsync(IReadOnlyCollection<WorkflowDefinition> definitions, CancellationToken stop)
    {
        if (_halted) return;
        var started = _parts.Clock.GetTimestamp();
        var all = definitions.SelectMany(w => w.Triggers.Select(t => (Workflow: w, Trigger: t))).ToDictionary(t => $"{t.Workflow.Name}/{t.Trigger.Id}", StringComparer.Ordinal);
        // Ledgers of triggers that an earlier process had and that no definition has: what waits in them ends now.
        if (!_begun)
            foreach (var stream in _store?.Runs.SystemStreams() ?? [])
                if (stream.PartsOf("trigger") is { } left) KeeperOf(left.Workflow, left.Id);
        _begun = true;
        var failures = new List<Exception>();
        foreach (var keeper in _keepers.Values.Where(k => !all.TryGetValue(k.Key, out var found) || !found.Trigger.Enabled))
            await TryAsync(keeper.CloseAsync(all.TryGetValue(keeper.Key, out var off) ? off : null, stop), failures, stop).ConfigureAwait(false);
        var wanted = all.Values.Where(t => t.Trigger.Enabled).ToList();
        foreach (var (workflow, trigger) in wanted)
            await TryAsync(KeeperOf(workflow.Name, trigger.Id).OpenAsync(workflow, trigger, stop), failures, stop).ConfigureAwait(false);
        if (failures.Count > 0) throw new AggregateException($"{failures.Count} {(failures.Count == 1 ? "trigger" : "triggers")} could not be brought in line.", failures);
        if (wanted.Count > 0) _parts.Log.Reconciled(wanted.Count, _parts.Clock.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(FollowAsync(stoppingToken), WatchAsync(stoppingToken));

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _stopping.Cancel();
        foreach (var keeper in _keepers.Values) keeper.Dispose();
        _stopping.Dispose();
        base.Dispose();
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        await foreach (var definitions in _latest.Reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            try { await ReconcileAsync(definitions, stop).ConfigureAwait(false); }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                _parts.Log.ReconcileFailed(e, _parts.Options.RetryDelay);
                await Task.Delay(_parts.Options.RetryDelay, _parts.Clock, stop).ConfigureAwait(false);
                if (!_latest.Reader.TryPeek(out _)) Apply(definitions);   // unless newer ones have come meanwhile
            }
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        using var look = new StreamLook(_parts.Clock, _parts.Options.WatchEvery, _parts.Options.ClockEvery);
        while (!_halted)
        {
            await look.NextAsync(stop).ConfigureAwait(false);
            await StreamLook.AtAsync(_keepers.Values, stop).ConfigureAwait(false);
        }
    }

    private TriggerKeeper KeeperOf(string workflow, string id) =>
        _keepers.GetOrAdd($"{workflow}/{id}", static (_, s) => new(s.workflow, s.id, s._parts), (workflow, id, _parts));

    private static async Task TryAsync(Task work, List<Exception> failures, CancellationToken stop)
    {
        try { await work.ConfigureAwait(false); }
        catch (Exception e) when (!stop.IsCancellationRequested) { failures.Add(e); }   // one bad ledger does not stop the others
    }

    private void Note(RecordedEvent recorded)
    {
        try { Recorded?.Invoke(recorded); }
        catch (Exception e) { _parts.Log.ObserverFailed(e); }   // telemetry never hurts a run
    }
}
