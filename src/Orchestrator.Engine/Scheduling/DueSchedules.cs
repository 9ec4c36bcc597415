using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Scheduling;

/// <summary>The schedules in force and what happens when one is due. Knows nothing of Quartz: something rings, the ledger decides.</summary>
internal sealed class DueSchedules : IDisposable
{
    // Entries of so many schedules share one commit.
    private const int AtOnce = 64;
    // So many schedules that are new leave more behind, in memory, than they hold.
    private const int Many = 1_000;
    private readonly ConcurrentDictionary<string, ScheduleKeeper> _keepers = new();
    private readonly ConcurrentDictionary<string, ScheduleKeeper> _ofWorkflows = new();   // the last made of each workflow, which knows the one before: the end of a run concerns few
    private volatile ScheduleKeeper[] _expecting = [];   // those with a deadline
    private readonly ScheduleParts _parts;
    private readonly ScheduleDeadlines _deadlines;
    private readonly RefusedSchedules _refused;
    private readonly HashSet<string> _toStart = [];   // @reboot: what the start of the service still owes
    private volatile bool _begun;
    private volatile bool _halted;
    private StrongBox<DateTimeOffset>? _until;   // where nothing rings: the last look

    public DueSchedules(
        IRunJournal journal, TimeProvider clock, ScheduleActions actions, SchedulingOptions options, Func<string> installation, AlarmClock alarms, ILogger log, IRunHistory? history = null)
    {
        _parts = new(journal, clock, actions, options, installation, alarms, log, new(), new(clock, options.LongestSilence), new(), new(journal, clock, Note), Note) { History = history, Until = () => Volatile.Read(ref _until)?.Value };
        _deadlines = new(_parts);
        _refused = new(log);
        _parts.OpenRuns.Ended += key => _ = EndedAsync(key);
        _parts.OpenRuns.EndedOf += workflow => _ = EndedOfAsync(workflow);
    }

    /// <summary>Told of every due time that was noticed.</summary>
    public event Action<ScheduleLag>? Lagged;

    /// <summary>Told of every ledger entry once it is durable.</summary>
    public event Action<RecordedEvent>? Recorded;

    /// <summary>Told of every schedule that is found wrong.</summary>
    public event Action<ScheduleRefused>? Refused
    {
        add => _refused.Refused += value;
        remove => _refused.Refused -= value;
    }

    /// <summary>Schedules that are wrong now.</summary>
    public IReadOnlyList<ScheduleRefused> RefusedNow => _refused.Now;

    /// <summary>Streams of schedules that may be in force though no definition has them any more; asked for once.</summary>
    public Func<IEnumerable<StreamId>> Known { get; init; } = static () => [];

    /// <summary>What waits for what, for listings.</summary>
    public IReadOnlyCollection<(ArmedSchedule Schedule, DateTimeOffset? Due)> Armed =>
        [.. _keepers.Values.Where(k => k is { Armed: not null, State.Terms: not null }).Select(k => (k.Armed!, k.State.NextDueAt))];

    /// <summary>What is known of a schedule; null: nothing is.</summary>
    public LedgerState? StateOf(string key) => _keepers.GetValueOrDefault(key)?.State;

    /// <summary>Takes what the engine journals into account.</summary>
    public void Take(AppendedBatch batch) => _parts.OpenRuns.Take(batch);

    /// <summary>Nothing rings any more; what is in force stays so.</summary>
    public void Halt() => _halted = true;

    /// <summary>Brings what is in force in line with the definitions. Called by one caller at a time.</summary>
    /// <returns>False: a file that a schedule needs cannot be read now, and is to be looked at again.</returns>
    public async Task<bool> ReconcileAsync(IReadOnlyCollection<WorkflowDefinition> definitions, CancellationToken stop)
    {
        if (_halted) return true;
        if (!_begun)
        {
            if (_parts.Options.LooksWhenTold)
            {
                _parts.Wakefulness.Wake();   // however long the start took
                Volatile.Write(ref _until, new(_parts.Clock.GetUtcNow()));
            }
            await All.DoAsync(new MaintenanceInput.Tick(), stop).ConfigureAwait(false);
            await ArmAllAsync(stop).ConfigureAwait(false);
        }
        var started = _parts.Clock.GetTimestamp();
        var wanted = new Dictionary<string, ArmedSchedule>();
        var off = new Dictionary<string, (string Workflow, string Id, ArmedSchedule? Lastly)>();
        // One that is wrong ends nothing: what was in force stays so until it is mended.
        var (wrong, refused, failures, isRead) = (new HashSet<string>(), new List<ScheduleRefused>(), new List<Exception>(), true);
        foreach (var workflow in definitions)
        {
            foreach (var schedule in workflow.RefusedSchedules)
            {
                refused.Add(RefusedSchedules.Of(workflow, schedule));
                if (schedule.Id is { } id) wrong.Add(ArmedSchedule.KeyOf(workflow, id));
            }
            foreach (var schedule in workflow.Schedules)
            {
                var key = ArmedSchedule.KeyOf(workflow, schedule.Id);
                var isUsable = ArmedSchedule.TryCreate(workflow, schedule, _parts.Zones, out var armed, out var error, out var mayPass);
                if (!schedule.Enabled) off[key] = (workflow.Name, schedule.Id, armed);
                else if (isUsable) wanted[key] = armed!;
                else
                {
                    wrong.Add(key);
                    refused.Add(RefusedSchedules.Of(workflow, schedule.Id, schedule.Span.Line > 0 ? schedule.Span : workflow.Span, error!));
                    isRead &= !mayPass;
                }
            }
        }
        _refused.Replace(refused);

        var gone = _keepers.Where(k => !wanted.ContainsKey(k.Key) && !wrong.Contains(k.Key)).Select(k => (Keeper: k.Value, IsRemoved: !off.ContainsKey(k.Key))).ToList();
        if (!_begun)
        {
            foreach (var stream in Known())
                if (stream.PartsOf("manual") is { } asked) KeeperOf(asked.Workflow, asked.Id).Manual.Expect();
            gone.AddRange(Left(key => wanted.ContainsKey(key) || wrong.Contains(key), off));
            // A look is no start of the service.
            if (!_parts.Options.LooksWhenTold) _toStart.UnionWith(wanted.Values.Where(s => s.Times.IsAtStart).Select(s => s.Key));
            _begun = true;
        }
        foreach (var (keeper, isRemoved) in gone)
            await TryAsync(keeper.CloseAsync(isRemoved, off.GetValueOrDefault(keeper.Key).Lastly, stop), failures, stop).ConfigureAwait(false);
        var fresh = wanted.Keys.Count(key => !_keepers.TryGetValue(key, out var known) || known.Armed is null);
        foreach (var some in wanted.Values.Chunk(AtOnce))
            await Task.WhenAll(some.Select(s => TryAsync(KeeperOf(s.Workflow.Name, s.Schedule.Id).OpenAsync(s, stop), failures, stop))).ConfigureAwait(false);
        foreach (var schedule in wanted.Values.Where(s => _toStart.Contains(s.Key)))
        {
            var before = failures.Count;
            await TryAsync(KeeperOf(schedule.Workflow.Name, schedule.Schedule.Id).DoAsync(new LedgerInput.ServiceStarted(), stop), failures, stop).ConfigureAwait(false);
            if (failures.Count == before) _toStart.Remove(schedule.Key);
        }
        _expecting = [.. _keepers.Values.Where(k => k.Armed?.Schedule.ExpectedBy is not null)];
        if (failures.Count > 0) throw new AggregateException($"{failures.Count} {(failures.Count == 1 ? "schedule" : "schedules")} could not be brought in line.", failures);
        _parts.Log.Reconciled(wanted.Count, gone.Count, refused.Count, _parts.Clock.GetElapsedTime(started).TotalMilliseconds);
        // Idle schedules allocate next to nothing: the collection that would give it back may be days away.
        if (fresh >= Many) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return isRead;
    }

    /// <summary>Decides what has come due by now, where nothing rings.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        if (_halted || !_parts.Options.LooksWhenTold) return;
        Volatile.Write(ref _until, new(_parts.Clock.GetUtcNow()));
        await DoAllAsync(new MaintenanceInput.Tick(), stop).ConfigureAwait(false);
        foreach (var some in _keepers.Values.Where(k => k.Armed is not null).Chunk(AtOnce))
            await Task.WhenAll(some.Select(k => k.RingAsync(new(k.Key, _parts.Clock.GetUtcNow(), IsRetry: true), stop))).ConfigureAwait(false);
    }

    /// <summary>Whether no schedule has anything left to do: no run to submit, none that waits for another.</summary>
    public bool IsIdle => _begun && _keepers.Values.All(k => k.IsIdle);

    /// <summary>Alarms rang together: what is due at one instant is decided side by side, so that the entries share their commits.</summary>
    public async Task RingAsync(IReadOnlyList<Alarm> alarms, CancellationToken stop)
    {
        try
        {
            foreach (var alarm in alarms)
                if (alarm.Key == AllSchedules.Key) await RingAsync(alarm, stop).ConfigureAwait(false);   // the end of a pause comes before what was due in it
        }
        finally
        {
            var some = alarms.Where(a => a.Key != AllSchedules.Key).ToList();
            var part = Math.Max(1, (some.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
            await Task.WhenAll(some.Chunk(part).Select(p => Task.Run(() => Task.WhenAll(p.Select(a => RingAsync(a, stop))), stop))).ConfigureAwait(false);
        }
    }

    /// <summary>A schedule's alarm rang.</summary>
    public Task RingAsync(Alarm alarm, CancellationToken stop) =>
        !_halted && alarm.Key == AllSchedules.Key ? DoAllAsync(new MaintenanceInput.Tick(), stop) :
        !_halted && _keepers.TryGetValue(alarm.Key, out var keeper) ? keeper.RingAsync(alarm, stop) : Task.CompletedTask;

    /// <summary>A person's pause or resume; false when there is no such schedule in force.</summary>
    public async Task<bool> DoAsync(string key, LedgerInput input, CancellationToken stop)
    {
        if (!_keepers.TryGetValue(key, out var keeper) || keeper is { Armed: null } or { State.Terms: null }) return false;
        await keeper.DoAsync(input, stop).ConfigureAwait(false);
        return true;
    }

    /// <summary>Pauses of all schedules.</summary>
    public AllSchedules All => _parts.All;

    /// <summary>A person pauses or resumes all schedules, or time passed.</summary>
    public async Task DoAllAsync(MaintenanceInput input, CancellationToken stop)
    {
        if (_halted) return;
        try
        {
            if (!await All.DoAsync(input, stop).ConfigureAwait(false)) return;
        }
        finally { await ArmAllAsync(stop).ConfigureAwait(false); }
        if (All.State.Pause is not null) return;
        // What was due in the pause is decided, and each waits for its next due time again.
        foreach (var some in _keepers.Values.Where(k => k.Armed is not null).Chunk(AtOnce))
            await Task.WhenAll(some.Select(k => k.RingAsync(new(k.Key, _parts.Clock.GetUtcNow()), stop))).ConfigureAwait(false);
    }

    /// <summary>Somebody asks for a run of a schedule; what that came to. Null: the schedule is not in force.</summary>
    public async Task<RequestedRun?> RequestAsync(string key, ManualInput.Request request, CancellationToken stop) =>
        _halted || !_keepers.TryGetValue(key, out var keeper) || keeper is { Armed: null } or { State.Terms: null } ? null : await keeper.Manual.RequestAsync(request, stop).ConfigureAwait(false);

    /// <summary>
    /// A sign of life, and a look at what should have rung: a due time that is long past and has no entry is told, and decided now. Returns those that
    /// could not be decided. A clock that was set, forward or back, is noticed here at the latest.
    /// </summary>
    public async Task<IReadOnlyList<(string Key, DateTimeOffset DueAt)>> WatchAsync(CancellationToken stop)
    {
        var (now, awakeSince) = _parts.Wakefulness.Beat();
        if (_halted) return [];
        if (All.IsInDoubt || All.State.Pause?.Until <= now) await TryAsync(DoAllAsync(new MaintenanceInput.Tick(), stop), [], stop).ConfigureAwait(false);
        await StreamLook.AtAsync(_keepers.Values, stop).ConfigureAwait(false);
        var overdue = new List<(string, DateTimeOffset)>();
        foreach (var keeper in _keepers.Values)
        {
            if (keeper.RingAt is not { } at) continue;
            var due = keeper.State.WaitsFor ?? at;
            // Missed by a machine that slept or a clock that was set: no timer is to blame.
            var isMissed = at <= now && at < awakeSince || keeper.State.Through - now > LedgerDecisions.MaxAhead;
            if (!isMissed && now - at < _parts.Options.OverdueAfter) continue;
            try
            {
                if (!isMissed)
                {
                    _parts.Log.Overdue(keeper.Key, due, (now - at).TotalMilliseconds);
                    if (keeper.State.Pause is null) await keeper.DoAsync(new LedgerInput.Overdue(due), stop).ConfigureAwait(false);
                }
                await keeper.DoAsync(new LedgerInput.Tick(), stop).ConfigureAwait(false);
            }
            catch (Exception e) when (!stop.IsCancellationRequested) { _parts.Log.WatchFailed(e, keeper.Key); }
            if (keeper.RingAt is { } still && still <= at) overdue.Add((keeper.Key, due));
        }
        return overdue;
    }

    /// <summary>Looks whether runs completed by when their schedules expect it, and tells of those that did not.</summary>
    public async Task WatchDeadlinesAsync(CancellationToken stop)
    {
        if (_halted) return;
        foreach (var keeper in _expecting)
        {
            try { await _deadlines.LookAsync(keeper, stop).ConfigureAwait(false); }
            catch (Exception e) when (!stop.IsCancellationRequested) { _parts.Log.DeadlineFailed(e, keeper.Key); }
        }
    }

    public void Dispose()
    {
        foreach (var keeper in _keepers.Values) keeper.Dispose();
        All.Dispose();
    }

    // Schedules that an earlier process had in force and that no definition has: they end now, not when they come back.
    private IEnumerable<(ScheduleKeeper, bool)> Left(Func<string, bool> isInForce, Dictionary<string, (string Workflow, string Id, ArmedSchedule? Lastly)> off)
    {
        foreach (var (workflow, id, _) in off.Values) yield return (KeeperOf(workflow, id), false);
        foreach (var stream in Known())
        {
            if (stream.PartsOf("schedule") is not { } key) continue;
            var name = $"{key.Workflow}/{key.Id}";
            if (!isInForce(name) && !off.ContainsKey(name)) yield return (KeeperOf(key.Workflow, key.Id), true);
        }
    }

    private Task ArmAllAsync(CancellationToken stop) => All.State.Pause?.Until is { } end
        ? _parts.Alarms.Arm(new(AllSchedules.Key, end), end, stop) : _parts.Alarms.Disarm(new(AllSchedules.Key, default), stop);

    private ScheduleKeeper KeeperOf(string workflow, string id)
    {
        var key = $"{workflow}/{id}";
        if (_keepers.TryGetValue(key, out var known)) return known;
        lock (_toStart)
        {
            if (_keepers.TryGetValue(key, out known)) return known;
            return _keepers[key] = _ofWorkflows[workflow] = new(workflow, id, _parts) { Sibling = _ofWorkflows.GetValueOrDefault(workflow) };
        }
    }

    private static async Task TryAsync(Task work, List<Exception> failures, CancellationToken stop)
    {
        try { await work.ConfigureAwait(false); }
        catch (Exception e) when (!stop.IsCancellationRequested)   // one bad ledger does not stop the others
        {
            lock (failures) failures.Add(e);
        }
    }

    private async Task EndedAsync(string key)
    {
        await Task.Yield();   // the engine's own loop tells of it
        if (_halted || !_keepers.TryGetValue(key, out var keeper) || keeper.State.Queued.IsEmpty && keeper.Manual.State.Queued.IsEmpty) return;
        await keeper.RingAsync(new(key, _parts.Clock.GetUtcNow(), IsRetry: true), CancellationToken.None).ConfigureAwait(false);
    }

    // Due times that cancel runs wait for the end of any of the workflow.
    private async Task EndedOfAsync(string workflow)
    {
        List<ScheduleKeeper>? waiting = null;
        for (var keeper = _halted ? null : _ofWorkflows.GetValueOrDefault(workflow); keeper is not null; keeper = keeper.Sibling)
            if (!keeper.State.Stopping.IsEmpty) (waiting ??= []).Add(keeper);
        if (waiting is null) return;
        await Task.Yield();   // the engine's own loop tells of it
        foreach (var keeper in waiting) await keeper.RingAsync(new(keeper.Key, _parts.Clock.GetUtcNow(), IsRetry: true), CancellationToken.None).ConfigureAwait(false);
    }

    private void Note(RecordedEvent recorded)
    {
        try
        {
            Recorded?.Invoke(recorded);
            if (recorded.Event is ScheduleStarts starts) Lagged?.Invoke(new(starts.Workflow, starts.ScheduleId, recorded.Time - starts.DueAt, 0));
            else if (recorded.Event is ScheduleSkipped { Reason: SkipReasons.Misfire } skipped)
                Lagged?.Invoke(new(skipped.Workflow, skipped.ScheduleId, recorded.Time - skipped.DueAt, skipped.Count ?? 1));
        }
        catch (Exception e) { _parts.Log.ObserverFailed(e); }   // telemetry never hurts a run
    }
}
