using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Triggers;

/// <summary>Keeps one trigger: hands what happens to its ledger, wakes when what waits is due, submits its runs until they are accepted.</summary>
internal sealed class TriggerKeeper : IStreamKeeper, IDisposable
{
    private static readonly StreamRules<TriggerState, TriggerEffect> s_rules = new(TriggerState.Empty, static s => s.Version, static (s, e) => s.Apply(e))
    {
        After = TriggerEffects.After, From = TriggerEffects.From,
    };
    private readonly TriggerParts _parts;
    private readonly DecidedStream<TriggerState, TriggerEffect> _ledger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly RejectionTally _tally;
    private readonly Submission _submission;
    private readonly ITimer _timer;
    private readonly StreamId _stream;
    private readonly string _workflow;
    private readonly string _id;
    private volatile ArmedTrigger? _armed;
    private long _retryAt = long.MaxValue;   // UTC ticks
    private bool _begun;

    public TriggerKeeper(string workflow, string id, TriggerParts parts)
    {
        (_workflow, _id, _parts, _stream) = (workflow, id, parts, StreamId.Trigger(workflow, id));
        _ledger = new(parts.Journal, _stream, s_rules, parts.Recorded, _turn);
        _submission = new(this);
        _tally = new(parts.Clock, parts.Options.TallyTime);
        _timer = parts.Clock.CreateTimer(static keeper => _ = ((TriggerKeeper)keeper!).WakeAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Key => $"{_workflow}/{_id}";

    public TriggerState State => _ledger.State;

    /// <summary>The definition that runs are made of; null when the trigger is not in force.</summary>
    public ArmedTrigger? Armed => _armed;

    /// <summary>What waits for other deliveries, or for its time; null: nothing does.</summary>
    public HeldDeliveries? Held => State.Held.Count is > 0 and var count && Policy.FireAt(State) is { } at ? new(_workflow, _id, count, at) : null;

    /// <summary>Whether it has fired a run that is not known to be accepted.</summary>
    public bool HasPending => _armed is not null && !State.Pending.IsEmpty;

    /// <summary>Whether something waits for nothing but another attempt: a run that is not known to be accepted, a write whose answer was lost, or deliveries whose time has come by a clock that was set.</summary>
    public bool HasUnfinished => !State.Pending.IsEmpty || _ledger.IsInDoubt || Policy.FireAt(State) <= _parts.Clock.GetUtcNow();

    /// <summary>It is tried again: who sent what is in doubt may not send it again.</summary>
    public Task LookAgainAsync(CancellationToken stop) => WakeAsync(again: true);

    /// <summary>The definition has it.</summary>
    public async Task OpenAsync(WorkflowDefinition workflow, TriggerDefinition trigger, CancellationToken stop)
    {
        if (_begun && _armed is { } armed && ReferenceEquals(armed.Workflow, workflow)) return;
        _armed = new(workflow, trigger, new(workflow, trigger));
        var first = !_begun;
        await DoAsync(new TriggerInput.Tick(), AppendDurability.Committed, stop).ConfigureAwait(false);
        // What an earlier process left undone, however long ago.
        if (first || !State.Pending.IsEmpty) await CarryOutAsync(TriggerEffects.From(State), stop).ConfigureAwait(false);
        _begun = true;
    }

    /// <summary>It is switched off, or its definition is gone.</summary>
    /// <param name="lastly">The definition that has it, switched off: what it has fired is submitted all the same. Null: none has it.</param>
    public async Task CloseAsync((WorkflowDefinition Workflow, TriggerDefinition Trigger)? lastly, CancellationToken stop)
    {
        if (lastly is { } off) _armed ??= new(off.Workflow, off.Trigger, new(off.Workflow, off.Trigger));
        await DoAsync(new TriggerInput.Close(), AppendDurability.Committed, stop).ConfigureAwait(false);
        await _submission.SubmitAsync(stop).ConfigureAwait(false);
        if (State.Pending.IsEmpty) _armed = null;
        _begun = false;
    }

    /// <summary>A delivery passed the checks: what it has led to, once that is durable.</summary>
    public async Task<DeliveryAnswer> DeliverAsync(Delivery delivery, CancellationToken stop)
    {
        var entries = await DoAsync(new TriggerInput.Deliver(delivery), AppendDurability.Committed, stop).ConfigureAwait(false);
        foreach (var entry in entries)
            switch (entry.Event)
            {
                case TriggerFired e when e.Deliveries.Contains(delivery.Id): return new DeliveryAnswer.Fired(e.RunId);
                case TriggerDuplicate e: return new DeliveryAnswer.Duplicate(e.RunId);
                case TriggerRejected e when e.DeliveryId == delivery.Id: return new DeliveryAnswer.Rejected(e.Reason, e.Error);
            }
        return new DeliveryAnswer.Held(Policy.FireAt(State) ?? _parts.Clock.GetUtcNow());
    }

    /// <summary>A delivery did not pass a check. It is recorded; many of one kind within a second are one entry.</summary>
    public async Task RejectAsync(TriggerInput.Reject reject, CancellationToken stop)
    {
        if (_tally.Take(reject) is { } now) await DoAsync(now, AppendDurability.Written, stop).ConfigureAwait(false);
        else Arm();
    }

    /// <summary>Writes down what waits to be.</summary>
    public async Task FlushAsync(CancellationToken stop)
    {
        foreach (var reject in _tally.Drain(all: true)) await DoAsync(reject, AppendDurability.Written, stop).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _turn.Dispose();
    }

    private TriggerPolicy Policy => _armed?.Trigger.Policy ?? TriggerPolicy.Each;

    private TriggerContext Context()
    {
        var now = _parts.Clock.GetUtcNow();
        return _armed is { } armed
            ? new(_workflow, _id, _parts.Installation, now) { Policy = armed.Trigger.Policy, Bind = facts => armed.Binding.Bind(facts, now) }
            : new(_workflow, _id, _parts.Installation, now);
    }

    private async Task<IReadOnlyList<RecordedEvent>> DoAsync(TriggerInput input, AppendDurability durability, CancellationToken stop)
    {
        var decision = await DecideAsync(input, durability, stop).ConfigureAwait(false);
        await CarryOutAsync(decision.Effects, stop).ConfigureAwait(false);
        return decision.Events;
    }

    private Task<Decision<TriggerEffect>> DecideAsync(TriggerInput input, AppendDurability durability, CancellationToken stop) =>
        _ledger.DecideAsync(state => TriggerDecisions.Decide(state, input, Context()), stop, durability);

    private async Task CarryOutAsync(IReadOnlyList<TriggerEffect> effects, CancellationToken stop)
    {
        if (effects.Count == 0) return;
        Arm();
        if (effects.Any(e => e is TriggerEffect.Submit)) await _submission.SubmitAsync(stop).ConfigureAwait(false);
    }

    // The next of: what waits is due, a dispatch is tried again, refusals are written down.
    private void Arm()
    {
        var due = Policy.FireAt(State);
        if (_tally.DueAt is { } tally && !(due < tally)) due = tally;
        if (Interlocked.Read(ref _retryAt) is var retry && retry != long.MaxValue && !(due?.UtcTicks < retry)) due = new(retry, TimeSpan.Zero);
        if (due is not { } at) return;
        var wait = at - _parts.Clock.GetUtcNow();
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task WakeAsync(bool again = false)
    {
        if (_parts.Stopping.IsCancellationRequested) return;
        try
        {
            if (again || Interlocked.Read(ref _retryAt) <= _parts.Clock.GetUtcNow().UtcTicks)
            {
                Interlocked.Exchange(ref _retryAt, long.MaxValue);
                await _submission.SubmitAsync(_parts.Stopping).ConfigureAwait(false);
            }
            foreach (var reject in _tally.Drain(all: false)) await DoAsync(reject, AppendDurability.Written, _parts.Stopping).ConfigureAwait(false);
            await DoAsync(new TriggerInput.Tick(), AppendDurability.Committed, _parts.Stopping).ConfigureAwait(false);
            Arm();
        }
        catch (Exception) when (_parts.Stopping.IsCancellationRequested) { }
        catch (Exception e)
        {
            _parts.Log.DecideFailed(e, Key, _parts.Options.RetryDelay);
            RetryLater();
        }
    }

    private async Task DispatchAsync(ArmedTrigger armed, PendingTriggerRun run, CancellationToken stop)
    {
        var started = _parts.Clock.GetTimestamp();
        var accepted = await _parts.Actions.Dispatch(new(armed.Workflow, _id, run, EventIds.OfSystem(_stream, run.Seq, _parts.Installation()).ToString()), stop).ConfigureAwait(false);
        _parts.Log.Fired(Key, run.RunId, accepted, _parts.Clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private async Task SettleAsync(PendingTriggerRun run, string? refusal, CancellationToken stop)
    {
        if (refusal is not null) _parts.Log.RunRefused(Key, run.RunId, refusal);
        await DecideAsync(refusal is null ? new TriggerInput.Accepted(run.RunId) : new TriggerInput.Refused(run.RunId, refusal), AppendDurability.Committed, stop).ConfigureAwait(false);
    }

    private Task RetryAsync(PendingTriggerRun run, Exception e, long started, CancellationToken stop)
    {
        _parts.Log.FireFailed(e, Key, run.RunId, _parts.Clock.GetElapsedTime(started).TotalMilliseconds, _parts.Options.RetryDelay);
        RetryLater();
        return Task.CompletedTask;
    }

    private void RetryLater()
    {
        Interlocked.Exchange(ref _retryAt, (_parts.Clock.GetUtcNow() + _parts.Options.RetryDelay).UtcTicks);
        Arm();
    }

    private sealed class Submission(TriggerKeeper keeper) : PendingSubmission<ArmedTrigger, PendingTriggerRun>(keeper._parts.Clock)
    {
        protected override ArmedTrigger? Definition => keeper._armed;

        protected override bool HasPending => !keeper.State.Pending.IsEmpty;

        protected override IEnumerable<PendingTriggerRun> Pending => keeper.State.Pending.Values.OrderBy(p => p.Seq);

        protected override Task DispatchAsync(ArmedTrigger definition, PendingTriggerRun run, CancellationToken stop) => keeper.DispatchAsync(definition, run, stop);

        protected override Task SettleAsync(PendingTriggerRun run, string? refusal, CancellationToken stop) => keeper.SettleAsync(run, refusal, stop);

        protected override Task RetryAsync(PendingTriggerRun run, Exception e, long started, CancellationToken stop) => keeper.RetryAsync(run, e, started, stop);
    }
}

/// <summary>A trigger in force.</summary>
internal sealed record ArmedTrigger(WorkflowDefinition Workflow, TriggerDefinition Trigger, TriggerBinding Binding);

/// <summary>What all keepers use.</summary>
internal sealed record TriggerParts(
    IRunJournal Journal, TimeProvider Clock, TriggerActions Actions, TriggerOptions Options, Func<string> Installation, ILogger Log, Action<RecordedEvent> Recorded, CancellationToken Stopping);
