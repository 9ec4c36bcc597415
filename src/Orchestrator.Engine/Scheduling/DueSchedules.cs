using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>The schedules in force and what happens when one is due. Knows nothing of Quartz: something rings, this decides.</summary>
internal sealed class DueSchedules(
    IRunJournal journal, TimeProvider clock, Func<ScheduledRun, CancellationToken, Task<bool>> dispatch,
    SchedulingOptions options, Func<string> installation, AlarmClock alarms, ILogger log)
{
    private const int CountedMisses = 1000;
    private readonly ConcurrentDictionary<string, ArmedSchedule> _armed = new();
    private readonly ConcurrentDictionary<string, ScheduleLedger> _ledgers = new();

    /// <summary>Told of every due time that was noticed.</summary>
    public event Action<ScheduleLag>? Lagged;

    /// <summary>Told of every ledger entry once it is durable.</summary>
    public event Action<RecordedEvent>? Recorded;

    /// <summary>What waits for what, for listings.</summary>
    public IReadOnlyCollection<ArmedSchedule> Armed => [.. _armed.Values];

    /// <summary>Brings what is armed in line with the definitions. Called by one caller at a time.</summary>
    public async Task ReconcileAsync(IReadOnlyCollection<WorkflowDefinition> definitions, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        var wanted = new Dictionary<string, ArmedSchedule>();
        var refused = 0;
        foreach (var workflow in definitions)
            foreach (var schedule in workflow.Schedules.Where(s => s.Enabled))
            {
                if (ArmedSchedule.TryCreate(workflow, schedule, out var armed, out var error)) wanted[armed.Key] = armed;
                else
                {
                    refused++;
                    log.Refused(ArmedSchedule.KeyOf(workflow, schedule), $"{schedule.Cron} in {schedule.Timezone} at {workflow.Span}: {error}");
                }
            }

        var removed = _armed.Keys.Where(key => !wanted.ContainsKey(key)).ToArray();
        foreach (var key in removed)
            if (_armed.TryRemove(key, out var old)) await DisarmAsync(old, stop).ConfigureAwait(false);
        var failures = new List<Exception>();
        foreach (var schedule in wanted.Values)
        {
            try { await PutAsync(schedule, stop).ConfigureAwait(false); }
            catch (Exception e) when (!stop.IsCancellationRequested) { failures.Add(e); }   // one bad ledger does not stop the others
        }
        if (failures.Count > 0) throw new AggregateException($"{failures.Count} schedules could not be armed.", failures);
        log.Reconciled(_armed.Count, removed.Length, refused, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>A schedule's alarm rang.</summary>
    public async Task RingAsync(Alarm alarm, CancellationToken stop)
    {
        if (!_armed.TryGetValue(alarm.Key, out var schedule) || schedule.Due != alarm.Due) return;   // of an earlier definition
        var now = clock.GetUtcNow();
        if (now < alarm.Due)
        {
            log.Early(alarm.Key, alarm.Due);
            await alarms.Arm(alarm, alarm.Due, stop).ConfigureAwait(false);
            return;
        }

        var lag = now - alarm.Due;
        var run = new ScheduledRun(schedule.Workflow, schedule.Schedule, default, alarm.Due);
        var late = lag > options.MisfireGrace;
        // Within the grace every due time gets its run, so the next one may have passed as well; beyond it, life goes on from now.
        var next = schedule.Rule.Next(late ? now : alarm.Due, schedule.Zone);
        var started = clock.GetTimestamp();
        try
        {
            if (late) await SkipAsync(schedule, alarm, now, stop).ConfigureAwait(false);
            else await FireAsync(run = run with { RunId = RunId.ForSchedule(installation(), alarm.Key, alarm.Due) }, alarm, next, now, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            var retryAt = clock.GetUtcNow() + options.RetryDelay;
            log.FireFailed(e, alarm.Key, alarm.Due, run.RunId, clock.GetElapsedTime(started).TotalMilliseconds, late ? next ?? retryAt : retryAt);
            if (!late)
            {
                await alarms.Arm(alarm, retryAt, stop).ConfigureAwait(false);
                return;
            }
        }
        await MoveOnAsync(schedule, next, stop).ConfigureAwait(false);
    }

    private async Task FireAsync(ScheduledRun run, Alarm alarm, DateTimeOffset? next, DateTimeOffset now, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        var ledger = Ledger(alarm.Key, run.Definition, run.Schedule);
        log.Fires(alarm.Key, run.DueAt, run.RunId, (now - run.DueAt).TotalMilliseconds);
        var entry = new ScheduleFired(run.Schedule.Id, run.Definition.Name, run.DueAt, run.RunId, next);
        if (await ledger.DecideAsync(run.DueAt, entry, now, stop).ConfigureAwait(false)) Tell(run, now - run.DueAt, missed: 0);
        else
        {
            log.AlreadyDecided(alarm.Key, run.DueAt);
            if (ledger.LastFired is not { } fired || fired.DueAt != run.DueAt) return;   // skipped, or long ago
            run = run with { RunId = fired.RunId };   // whatever its id would be now
        }
        var cause = EventIds.Of(StreamId.Schedule(run.Definition.Name, run.Schedule.Id), ledger.LastSeq).ToString();
        var accepted = await dispatch(run with { CausationId = cause }, stop).ConfigureAwait(false);
        log.Fired(alarm.Key, run.DueAt, run.RunId, accepted, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private async Task SkipAsync(ArmedSchedule schedule, Alarm alarm, DateTimeOffset now, CancellationToken stop)
    {
        var missed = 1;
        for (var due = schedule.Rule.Next(alarm.Due, schedule.Zone); due <= now && missed < CountedMisses; due = schedule.Rule.Next(due.Value, schedule.Zone)) missed++;
        var (workflow, id) = (schedule.Workflow.Name, schedule.Schedule.Id);
        log.Misfired(alarm.Key, alarm.Due, missed, (now - alarm.Due).TotalMilliseconds);
        Tell(new(schedule.Workflow, schedule.Schedule, default, alarm.Due), now - alarm.Due, missed);
        await Ledger(alarm.Key, schedule.Workflow, schedule.Schedule).DecideAsync(alarm.Due, new ScheduleSkipped(id, workflow, alarm.Due, "misfire"), now, stop).ConfigureAwait(false);
    }

    private async Task PutAsync(ArmedSchedule schedule, CancellationToken stop)
    {
        if (_armed.TryGetValue(schedule.Key, out var current))
        {
            if (current.SameTimes(schedule))
            {
                // Its alarm stays; what it runs is the new definition. Lost only to a ring that moves on at the same time: then again.
                while (!_armed.TryUpdate(schedule.Key, schedule with { Due = current.Due }, current)) current = _armed[schedule.Key];
                return;
            }
            await DisarmAsync(current, stop).ConfigureAwait(false);
        }

        var ledger = Ledger(schedule.Key, schedule.Workflow, schedule.Schedule);
        await ledger.LoadAsync(stop).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        if (current is null && ledger.LastFired is { } last && now - last.DueAt is var age && age >= TimeSpan.Zero && age <= options.MisfireGrace)
        {
            // A crash may have come between the ledger and the dispatch: ring once more, the run's id makes it harmless.
            _armed[schedule.Key] = schedule with { Due = last.DueAt };
            await alarms.Arm(new(schedule.Key, last.DueAt), now, stop).ConfigureAwait(false);
            return;
        }
        // A clock that was set back does not repeat what was decided.
        var next = schedule.Rule.Next(ledger.LastDue > now ? ledger.LastDue.Value : now, schedule.Zone);
        _armed[schedule.Key] = schedule with { Due = next };
        await ArmAsync(schedule.Key, next, stop).ConfigureAwait(false);
    }

    private async Task MoveOnAsync(ArmedSchedule schedule, DateTimeOffset? next, CancellationToken stop)
    {
        // It may have been replaced or removed while this due time was worked on: then its successor has an alarm already.
        ArmedSchedule? current;
        do
        {
            if (!_armed.TryGetValue(schedule.Key, out current) || !current.SameTimes(schedule) || current.Due != schedule.Due) return;
        }
        while (!_armed.TryUpdate(schedule.Key, current with { Due = next }, current));
        await ArmAsync(schedule.Key, next, stop).ConfigureAwait(false);
    }

    private async Task ArmAsync(string key, DateTimeOffset? due, CancellationToken stop)
    {
        if (due is null)
        {
            log.Ended(key);
            return;
        }
        log.NextDue(key, due.Value);
        await alarms.Arm(new(key, due.Value), due.Value, stop).ConfigureAwait(false);
    }

    private ScheduleLedger Ledger(string key, WorkflowDefinition workflow, ScheduleDefinition schedule) =>
        _ledgers.GetOrAdd(key, static (_, s) => new(s.journal, StreamId.Schedule(s.Name, s.Id), s.self.Note), (journal, workflow.Name, schedule.Id, self: this));

    private Task DisarmAsync(ArmedSchedule schedule, CancellationToken stop) =>
        schedule.Due is { } due ? alarms.Disarm(new(schedule.Key, due), stop) : Task.CompletedTask;

    private void Note(RecordedEvent recorded)
    {
        try { Recorded?.Invoke(recorded); }
        catch (Exception e) { log.ObserverFailed(e); }   // telemetry never hurts a run
    }

    private void Tell(ScheduledRun run, TimeSpan lag, int missed)
    {
        try { Lagged?.Invoke(new(run.Definition.Name, run.Schedule.Id, lag, missed)); }
        catch (Exception e) { log.ObserverFailed(e); }   // telemetry never hurts a run
    }
}
