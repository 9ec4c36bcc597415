using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Keeps one schedule: hands what happens to its ledger, arms its alarm, submits its runs until they are accepted.</summary>
internal sealed class ScheduleKeeper : IStreamKeeper, IScheduledRuns, IDisposable
{
    private readonly ScheduleParts _parts;
    private readonly DecidedStream<LedgerState, LedgerEffect> _ledger;
    private readonly TermsInForce _inForce;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ScheduledSubmission _submission;
    private volatile ArmedSchedule? _armed;
    private volatile bool _isGone;
    private bool _begun;
    private volatile bool _owesStops;

    public ScheduleKeeper(string workflow, string id, ScheduleParts parts)
    {
        (Workflow, Id, Key, _parts) = (workflow, id, $"{workflow}/{id}", parts);
        var stream = StreamId.Schedule(workflow, id);
        _ledger = new(parts.Journal, stream, ScheduleLedger.Rules, parts.Recorded, _turn);
        _inForce = new(parts.Zones);
        _submission = new(parts, Key, stream, this);
        Manual = new(this, StreamId.Manual(workflow, id), parts, _turn);
    }

    public string Workflow { get; }

    public string Id { get; }

    public string Key { get; }

    /// <summary>Another of the workflow; null: there is none that was made before this one.</summary>
    public ScheduleKeeper? Sibling { get; init; }

    /// <summary>Its runs that somebody asked for.</summary>
    public ManualRuns Manual { get; }

    /// <summary>What a run does that finds another open.</summary>
    public OverlapRule Overlap => Policy.Action == ScheduleAction.Restart ? OverlapRule.Replace : Policy.Overlap;

    /// <summary>The definition that runs are made of; null when the schedule is not in force.</summary>
    public ArmedSchedule? Armed => _armed;

    /// <summary>Whether no definition has it any more, and none that had it is known: what it has started and not submitted is refused.</summary>
    public bool IsGone => _isGone;

    public LedgerState State => _ledger.State;

    bool IScheduledRuns.HasPending => !State.Pending.IsEmpty;

    IEnumerable<PendingRun> IScheduledRuns.Pending => State.Pending.Values;

    /// <summary>Whether something waits for nothing but another attempt: a run that is not known to be accepted, or a write whose answer was lost.</summary>
    public bool HasUnfinished => !State.Pending.IsEmpty || !Manual.State.Pending.IsEmpty || _ledger.IsInDoubt || Manual.IsInDoubt;

    /// <summary>It is tried again: a clock that was set back has carried the next attempt away, and who asked for what is in doubt may not ask again.</summary>
    public Task LookAgainAsync(CancellationToken stop) => RingAsync(new(Key, _parts.Clock.GetUtcNow(), IsRetry: true), stop);

    /// <summary>When its alarm is to ring next: for a due time, or for the end of a pause. Null while all schedules are paused, since the end of that wakes it, and where nothing rings.</summary>
    public DateTimeOffset? RingAt => _armed is not { } armed || _parts.Options.LooksWhenTold || _parts.All.State.Pause is not null || State.WaitsFor is not { } at ? null : State.Pause is null ? at + armed.Times.DelayOf(at) : at;

    /// <summary>The definition has it.</summary>
    public async Task OpenAsync(ArmedSchedule armed, CancellationToken stop)
    {
        (_armed, _isGone) = (armed, false);
        var first = !_begun;
        await DoAsync(new LedgerInput.Open(armed.Terms, armed.Times), stop).ConfigureAwait(false);
        _inForce.Know(State, armed);
        // What an earlier process left undone, however long ago.
        if (first) await CarryOutAsync(LedgerEffects.From(State), stop).ConfigureAwait(false);
        _begun = true;
        if (first) await Manual.TickAsync(stop).ConfigureAwait(false);
    }

    /// <summary>It is switched off, or its definition is gone.</summary>
    /// <param name="lastly">The definition that has it, switched off: what it has fired is submitted all the same. Null: none has it.</param>
    public async Task CloseAsync(bool isRemoved, ArmedSchedule? lastly, CancellationToken stop)
    {
        _armed ??= lastly;
        _isGone = isRemoved && _armed is null;
        await DoAsync(new LedgerInput.Close(isRemoved), stop).ConfigureAwait(false);
        await _submission.SubmitAsync(stop).ConfigureAwait(false);
        await Manual.TickAsync(stop).ConfigureAwait(false);
        if (State.Pending.IsEmpty && Manual.State is { Pending.IsEmpty: true, Queued.IsEmpty: true }) (_armed, _isGone) = (null, isRemoved);
    }

    /// <summary>Its alarm rang, or a run of it ended.</summary>
    public async Task RingAsync(Alarm alarm, CancellationToken stop)
    {
        var started = _parts.Clock.GetTimestamp();
        try
        {
            await DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
            if (alarm.IsRetry)
            {
                if (_owesStops) await StopRunsAsync(stop).ConfigureAwait(false);
                await _submission.SubmitAsync(stop).ConfigureAwait(false);
                await Manual.TickAsync(stop).ConfigureAwait(false);
            }
            // An early ring, or one for a clock that was set: the alarm is used up and nothing was decided.
            else if (RingAt is { } at && State.WaitsFor is { } next) await _parts.Alarms.Arm(new(Key, next), at, stop).ConfigureAwait(false);
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
        await CarryOutAsync((await DecideAsync(input, stop).ConfigureAwait(false)).Effects, stop).ConfigureAwait(false);

    /// <summary>Whether it has nothing left to do by itself. What waits in a pause waits for its end, and what has no definition for that.</summary>
    public bool IsIdle => _armed is null
        || State.Pending.IsEmpty && State.Stopping.IsEmpty && Manual.State.Pending.IsEmpty && (State.Pause is not null || _parts.All.State.Pause is not null || State.Queued.IsEmpty) && Manual.State.Queued.IsEmpty;

    /// <summary>Runs of the schedule that are open or about to be, oldest first; of one that cancels runs all of the workflow.</summary>
    public IReadOnlyList<RunId> OpenOrPending() =>
        [.. (StopsRuns ? _parts.OpenRuns.OfWorkflow(Workflow) : _parts.OpenRuns.Of(Key)).Concat(State.Pending.Values.Select(p => p.RunId)).Concat(Manual.State.Pending.Values.Select(p => p.RunId)).Distinct()];

    /// <summary>Starts what waits for a run that is not there any more.</summary>
    public async Task WakeAsync(CancellationToken stop)
    {
        if (!State.Queued.IsEmpty) await DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
        if (!Manual.State.Queued.IsEmpty) await Manual.TickAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Rings later to try again.</summary>
    public Task RetryAtAsync(DateTimeOffset at, CancellationToken stop) => _parts.Alarms.Arm(new(Key, at, IsRetry: true), at, stop);

    public void Dispose()
    {
        _turn.Dispose();
    }

    private Task<Decision<LedgerEffect>> DecideAsync(LedgerInput input, CancellationToken stop) => _ledger.DecideAsync(state => LedgerDecisions.Decide(state, input, Context(state)), stop);

    private bool StopsRuns => Policy.Action != ScheduleAction.Start || !State.Stopping.IsEmpty;

    private SchedulePolicy Policy => _armed?.Schedule.Policy ?? SchedulePolicy.Default;

    private LedgerContext Context(LedgerState state)
    {
        var (now, since) = _parts.Wakefulness.Beat();
        return new(Workflow, Id, _parts.Installation, now)
        {
            Times = _inForce.Of(state), Policy = Policy, AwakeSince = since, Until = _parts.Until(), Maintenance = _parts.All.State.Windows, Open = Overlap == OverlapRule.Allow && !StopsRuns ? [] : OpenOrPending(),
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
        if (effects.Any(e => e is LedgerEffect.Stop)) await StopRunsAsync(stop).ConfigureAwait(false);
        if (effects.Any(e => e is LedgerEffect.Submit)) await _submission.SubmitAsync(stop).ConfigureAwait(false);
        // What it waits for may have ended while its entry was written.
        if (effects.Any(e => e is LedgerEffect.Watch) && State is { Queued.IsEmpty: false, Pending.IsEmpty: true } && OpenOrPending().Count == 0)
            await DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
    }

    // Their end is what counts, so that a kill in between repeats it: asked twice, a run stops once.
    private async Task StopRunsAsync(CancellationToken stop)
    {
        var started = _parts.Clock.GetTimestamp();
        foreach (var (due, runs) in State.Stopping)
            try
            {
                _owesStops = true;
                foreach (var run in runs) await _parts.Actions.StopAsync(run, string.Create(CultureInfo.InvariantCulture, $"schedule {Key}, due {due.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"), stop).ConfigureAwait(false);
                _owesStops = false;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                var retryAt = _parts.Clock.GetUtcNow() + _parts.Options.RetryDelay;
                _parts.Log.DecideFailed(e, Key, due, _parts.Clock.GetElapsedTime(started).TotalMilliseconds, retryAt);
                await RetryAtAsync(retryAt, stop).ConfigureAwait(false);
                return;
            }
        // They may have ended while the entry was written.
        var open = OpenOrPending();
        if (State.Stopping.Values.Any(runs => !runs.Any(open.Contains))) await DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
    }

    public async Task SettleAsync(PendingRun run, string? refusal, CancellationToken stop)
    {
        await DecideAsync(refusal is null ? new LedgerInput.Accepted(run.RunId) : new LedgerInput.Refused(run.RunId, refusal), stop).ConfigureAwait(false);
        // One that is to be stopped was not there to be asked before.
        if (State.Stopping.Values.Any(runs => runs.Contains(run.RunId))) await StopRunsAsync(stop).ConfigureAwait(false);
        // A run that was refused, or has ended already, never ends again: nobody else would wake what waits for it.
        await WakeAsync(stop).ConfigureAwait(false);
    }
}

/// <summary>What all keepers use.</summary>
internal sealed record ScheduleParts(
    IRunJournal Journal, TimeProvider Clock, ScheduleActions Actions, SchedulingOptions Options, Func<string> Installation, AlarmClock Alarms, ILogger Log,
    ScheduleZones Zones, Wakefulness Wakefulness, OpenScheduledRuns OpenRuns, AllSchedules All, Action<RecordedEvent> Recorded)
{
    /// <summary>Reads runs and ledgers of the past; null where there is none.</summary>
    public IRunHistory? History { get; init; }

    /// <summary>Due times after it are left to a later look; null: there is no such limit.</summary>
    public Func<DateTimeOffset?> Until { get; init; } = static () => null;
}
