using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Keeps one schedule: hands what happens to its ledger, arms its alarm, submits its runs until they are accepted.</summary>
internal sealed class ScheduleKeeper : IDisposable
{
    private readonly ScheduleParts _parts;
    private readonly ScheduleLedger _ledger;
    private readonly TermsInForce _inForce;
    private readonly SemaphoreSlim _submitting = new(1, 1);
    private readonly string _workflow;
    private readonly string _id;
    private volatile ArmedSchedule? _armed;
    private bool _begun;

    public ScheduleKeeper(string workflow, string id, ScheduleParts parts)
    {
        (_workflow, _id, _parts) = (workflow, id, parts);
        _ledger = new(parts.Journal, StreamId.Schedule(workflow, id), parts.Recorded);
        _inForce = new(parts.Zones);
    }

    public string Key => $"{_workflow}/{_id}";

    /// <summary>The definition that runs are made of; null when the schedule is not in force.</summary>
    public ArmedSchedule? Armed => _armed;

    public LedgerState State => _ledger.State;

    /// <summary>When its alarm is to ring next.</summary>
    public DateTimeOffset? RingAt => _armed is { } armed && State is { Terms: not null, PausedAt: null, NextDueAt: { } due } ? due + armed.Times.DelayOf(due) : null;

    /// <summary>The definition has it.</summary>
    public async Task OpenAsync(ArmedSchedule armed, CancellationToken stop)
    {
        _armed = armed;
        var first = !_begun;
        await DoAsync(new LedgerInput.Open(armed.Terms, armed.Times), stop).ConfigureAwait(false);
        // What an earlier process left undone, however long ago.
        if (first) await CarryOutAsync(LedgerEffects.From(State), stop).ConfigureAwait(false);
        _begun = true;
    }

    /// <summary>It is switched off, or its definition is gone.</summary>
    /// <param name="lastly">The definition that has it, switched off: what it has fired is submitted all the same. Null: none has it.</param>
    public async Task CloseAsync(bool isRemoved, ArmedSchedule? lastly, CancellationToken stop)
    {
        _armed ??= lastly;
        await DoAsync(new LedgerInput.Close(isRemoved), stop).ConfigureAwait(false);
        await SubmitAsync(stop).ConfigureAwait(false);
        if (State.Pending.IsEmpty) _armed = null;
    }

    /// <summary>Its alarm rang, or a run of it ended.</summary>
    public async Task RingAsync(Alarm alarm, CancellationToken stop)
    {
        var started = _parts.Clock.GetTimestamp();
        try
        {
            await DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
            if (alarm.IsRetry) await SubmitAsync(stop).ConfigureAwait(false);
            // An early ring, or one for a clock that was set: the alarm is used up and nothing was decided.
            else if (RingAt is { } at && State.NextDueAt is { } next) await _parts.Alarms.Arm(new(Key, next), at, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            var retryAt = _parts.Clock.GetUtcNow() + _parts.Options.RetryDelay;
            _parts.Log.DecideFailed(e, Key, alarm.Due, _parts.Clock.GetElapsedTime(started).TotalMilliseconds, retryAt);
            await RetryAtAsync(retryAt, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Something happened to it; what follows is carried out.</summary>
    public async Task DoAsync(LedgerInput input, CancellationToken stop) =>
        await CarryOutAsync(await _ledger.DecideAsync(input, Context, stop).ConfigureAwait(false), stop).ConfigureAwait(false);

    public void Dispose()
    {
        _ledger.Dispose();
        _submitting.Dispose();
    }

    private LedgerContext Context(LedgerState state)
    {
        var (now, since) = _parts.Wakefulness.Beat();
        var policy = _armed?.Schedule.Policy ?? SchedulePolicy.Default;
        return new(_workflow, _id, _parts.Installation, now)
        {
            Times = _inForce.Of(state), Policy = policy, AwakeSince = since, Open = policy.Overlap == OverlapRule.Allow ? [] : _parts.OpenRuns.Of(Key),
        };
    }

    private async Task CarryOutAsync(IReadOnlyList<LedgerEffect> effects, CancellationToken stop)
    {
        foreach (var effect in effects)
        {
            if (effect is not LedgerEffect.Arm arm) continue;
            if (RingAt is { } at && arm.DueAt is { } due)
            {
                _parts.Log.NextDue(Key, due);
                await _parts.Alarms.Arm(new(Key, due), at, stop).ConfigureAwait(false);
            }
            else await _parts.Alarms.Disarm(new(Key, default), stop).ConfigureAwait(false);
        }
        if (effects.Any(e => e is LedgerEffect.Submit)) await SubmitAsync(stop).ConfigureAwait(false);
        // What it waits for may have ended while its entry was written.
        if (effects.Any(e => e is LedgerEffect.Watch) && State is { Queued.IsEmpty: false, Pending.IsEmpty: true } && _parts.OpenRuns.Of(Key).Count == 0)
            await DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
    }

    // One at a time, in order; while one submits, another leaves what it has to him.
    private async Task SubmitAsync(CancellationToken stop)
    {
        while (!State.Pending.IsEmpty)
        {
            if (!await _submitting.WaitAsync(TimeSpan.Zero, stop).ConfigureAwait(false)) return;
            try
            {
                foreach (var pending in State.Pending.Values)
                    if (!await TrySubmitAsync(pending, stop).ConfigureAwait(false)) return;
            }
            finally { _submitting.Release(); }
        }
    }

    private async Task<bool> TrySubmitAsync(PendingRun pending, CancellationToken stop)
    {
        if (_armed is not { } armed) return false;   // without a definition there is nothing to run; it is submitted when there is one
        var started = _parts.Clock.GetTimestamp();
        LedgerInput outcome;
        try
        {
            foreach (var replaced in pending.Replaces) await _parts.Actions.Cancel(replaced, stop).ConfigureAwait(false);
            var run = new ScheduledRun(armed.Workflow, armed.Schedule, pending.RunId, pending.DueAt)
            {
                CausationId = Core.Lifecycle.EventIds.OfSystem(StreamId.Schedule(_workflow, _id), pending.Seq, _parts.Installation()).ToString(),
            };
            var accepted = await _parts.Actions.Dispatch(run, stop).ConfigureAwait(false);
            _parts.Log.Fired(Key, pending.DueAt, pending.RunId, accepted, _parts.Clock.GetElapsedTime(started).TotalMilliseconds);
            outcome = new LedgerInput.Accepted(pending.RunId);
        }
        catch (RunRefusedException e)
        {
            _parts.Log.RunRefused(Key, pending.DueAt, pending.RunId, e.Message);
            outcome = new LedgerInput.Refused(pending.RunId, e.Message);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            return await RetryAsync(e, pending, started, stop).ConfigureAwait(false);
        }
        try
        {
            await _ledger.DecideAsync(outcome, Context, stop).ConfigureAwait(false);
            // A run that was refused, or has ended already, never ends again: nobody else would wake what waits for it.
            if (!State.Queued.IsEmpty) await DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested) { return await RetryAsync(e, pending, started, stop).ConfigureAwait(false); }
    }

    private async Task<bool> RetryAsync(Exception e, PendingRun pending, long started, CancellationToken stop)
    {
        var retryAt = _parts.Clock.GetUtcNow() + _parts.Options.RetryDelay;
        _parts.Log.FireFailed(e, Key, pending.DueAt, pending.RunId, _parts.Clock.GetElapsedTime(started).TotalMilliseconds, retryAt);
        await RetryAtAsync(retryAt, stop).ConfigureAwait(false);
        return false;
    }

    private Task RetryAtAsync(DateTimeOffset at, CancellationToken stop) => _parts.Alarms.Arm(new(Key, at, IsRetry: true), at, stop);
}

/// <summary>What all keepers use.</summary>
internal sealed record ScheduleParts(
    IRunJournal Journal, TimeProvider Clock, ScheduleActions Actions, SchedulingOptions Options, Func<string> Installation, AlarmClock Alarms, ILogger Log,
    ScheduleZones Zones, Wakefulness Wakefulness, OpenScheduledRuns OpenRuns, Action<RecordedEvent> Recorded)
{
    /// <summary>Reads runs and ledgers of the past; null where there is none.</summary>
    public IRunHistory? History { get; init; }
}
