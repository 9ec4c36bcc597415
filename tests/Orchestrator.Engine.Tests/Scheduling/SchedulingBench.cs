using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Orchestrator.TestKit;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>Schedules with a clock and alarms the test moves: <c>PassTo</c> rings whatever becomes due, in order.</summary>
internal sealed class SchedulingBench
{
    private readonly ConcurrentDictionary<(string, bool), (Alarm Alarm, DateTimeOffset At)> _alarms = [];
    private readonly SemaphoreSlim _started = new(0);
    private DueSchedules _due;

    public SchedulingBench(string now = "2026-01-01T00:00:00Z", LedgerJournal? journal = null)
    {
        Clock = new(At(now));
        Journal = journal ?? new();
        _due = Create();
    }

    public ManualTimeProvider Clock { get; }
    public LedgerJournal Journal { get; }
    public List<ScheduledRun> Runs { get; } = [];
    public List<ScheduleLag> Lags { get; } = [];
    public List<RunId> Cancelled { get; } = [];
    public List<ScheduleRefused> Refused { get; } = [];
    public bool IsFollowed { get; set; }
    public bool RefuseAll { get; set; }
    public int DispatchFailures { get; set; }
    public string Installation { get; set; } = "here";
    public int InstallationFaults { get; set; }
    public IReadOnlyCollection<Alarm> Alarms => [.. _alarms.Values.Select(a => a.Alarm)];
    public IEnumerable<string> Fired => Runs.Select(r => $"{r.Schedule.Id} {r.DueAt:yyyy-MM-dd'T'HH:mm:ss'Z'}");

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    public static WorkflowDefinition Workflow(string name, params ScheduleDefinition[] schedules) =>
        new() { Name = name, Schedules = [.. schedules], Tasks = [new() { Id = new("a"), Action = new NoopAction() }] };

    public static ScheduleDefinition Schedule(string id, string cron, string zone = "UTC", bool enabled = true) =>
        new() { Id = id, Cron = cron, Timezone = zone, Enabled = enabled };

    public Task<bool> Apply(params WorkflowDefinition[] definitions) => _due.ReconcileAsync(definitions, CancellationToken.None);

    /// <summary>What a kill -9 leaves: the journal and the clock.</summary>
    public void Restart()
    {
        _alarms.Clear();
        Journal.Files?.Kill();
        _due = Create();
    }

    public Task Ring(Alarm alarm) => _due.RingAsync(alarm, CancellationToken.None);

    /// <summary>Alarms ring together, as those of one instant do.</summary>
    public Task Ring(IReadOnlyList<Alarm> alarms)
    {
        foreach (var alarm in alarms) _alarms.TryRemove((alarm.Key, alarm.IsRetry), out _);
        return _due.RingAsync(alarms, CancellationToken.None);
    }

    public async Task PassTo(string instant)
    {
        var end = At(instant);
        while (_alarms.Values.Where(a => a.At <= end).OrderBy(a => a.At).Select(a => ((Alarm, DateTimeOffset)?)a).FirstOrDefault() is var (alarm, at))
        {
            if (at > Clock.GetUtcNow()) Clock.AdvanceTo(at);
            _alarms.TryRemove((alarm.Key, alarm.IsRetry), out _);
            // What an alarm throws is logged by who rang, and looked at again.
            try { await Ring(alarm); }
            catch (JournalUnavailableException) { }
        }
        Clock.AdvanceTo(end);
    }

    /// <summary>The machine sleeps: time passes and nothing rings until it wakes.</summary>
    public async Task SleepTo(string instant)
    {
        Clock.AdvanceTo(At(instant));
        await PassTo(instant);
    }

    /// <summary>Completes once so many runs were dispatched.</summary>
    public async Task RunsAsync(int count)
    {
        while (Runs.Count < count)
            if (!await _started.WaitAsync(TimeSpan.FromSeconds(30))) throw new TimeoutException($"{Runs.Count} of {count} runs were dispatched.");
    }

    /// <summary>A run ends, and the engine tells of it.</summary>
    public void End(ScheduledRun run) => Tell(run, new WorkflowCompleted { Total = 1, Completed = 1, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 1, Reason = "ok" });

    public Task<IReadOnlyList<(string Key, DateTimeOffset DueAt)>> Watch() => _due.WatchAsync(CancellationToken.None);

    public Task WatchDeadlines() => _due.WatchDeadlinesAsync(CancellationToken.None);

    public Task Do(LedgerInput input) => Do("nightly/two", input);

    public Task Do(string key, LedgerInput input) => _due.DoAsync(key, input, CancellationToken.None);

    public Task<ManualRun?> Ask(string id) => Ask("nightly/two", id);

    public async Task<ManualRun?> Ask(string key, string id) => (await Request(key, id))?.Run;

    public Task<RequestedRun?> Request(string key, string id) => _due.RequestAsync(key, new(id, "ann", null), CancellationToken.None);

    public Task All(MaintenanceInput input) => _due.DoAllAsync(input, CancellationToken.None);

    /// <summary>Every alarm is lost, as a timer's fault would.</summary>
    public void LoseAlarms() => _alarms.Clear();

    /// <summary>The entries of a schedule's ledger, a word or two each.</summary>
    public string[] Ledger(string stream = "schedule:nightly/two") => [.. Journal.Of(stream).OfType<ScheduleEvent>().Select(e => e switch
    {
        ScheduleStarts s => $"{s.Type[9..]} {s.DueAt:dd'T'HH:mm}",
        ScheduleSkipped { Count: { } count } s => $"skipped {s.DueAt:dd'T'HH:mm} x{count} {s.Reason}",
        ScheduleSkipped s => $"skipped {s.DueAt:dd'T'HH:mm} {s.Reason}",
        ScheduleBlocked b => $"blocked {b.DueAt:dd'T'HH:mm}",
        ScheduleQueued q => $"queued {q.DueAt:dd'T'HH:mm}",
        ScheduleDispatched d => $"dispatched {d.DueAt:dd'T'HH:mm}",
        ScheduleUpdated u => $"{u.Change} {u.From:dd'T'HH:mm}",
        _ => e.Type[9..],
    })];

    private void Tell(ScheduledRun run, JournalEvent e) =>
        _due.Take(new(run.RunId, run.Definition, [new(StreamId.Run(run.RunId), 1, Clock.GetUtcNow(), e)]));

    private Task CancelAsync(RunId run, CancellationToken stop)
    {
        Cancelled.Add(run);
        return Task.CompletedTask;
    }

    private DueSchedules Create()
    {
        var due = new DueSchedules(Journal, Clock, new(DispatchAsync, CancelAsync), new(), () => InstallationFaults-- > 0 ? throw new IOException("No space left on device.") : Installation, new(ArmAsync, DisarmAsync), NullLogger.Instance)
        {
            Known = () => Journal.Events.Select(e => e.Stream).Distinct(),
        };
        due.Lagged += Lags.Add;
        due.Refused += Refused.Add;
        return due;
    }

    private Task<bool> DispatchAsync(ScheduledRun run, CancellationToken stop)
    {
        if (RefuseAll) throw new RunRefusedException("It needs a pool that this worker does not have.");
        if (DispatchFailures > 0)
        {
            DispatchFailures--;
            throw new TooManyRunsException(1);
        }
        if (run.Actor is null) Journal.Of($"schedule:{run.Definition.Name}/{run.Schedule.Id}").OfType<ScheduleStarts>().ShouldContainRun(run.RunId);
        lock (Runs)
        {
            if (Runs.Any(r => r.RunId == run.RunId)) return Task.FromResult(false);
            Runs.Add(run);
            Journal.Runs.Add(run.RunId);
        }
        _started.Release();
        if (IsFollowed) Tell(run, new WorkflowCreated { Workflow = run.Definition.Name, DefinitionVersion = new('a', 64), Trigger = TriggerKind.Schedule, ScheduleId = run.Schedule.Id, DueAt = run.DueAt });
        return Task.FromResult(true);
    }

    private Task ArmAsync(Alarm alarm, DateTimeOffset at, CancellationToken stop)
    {
        _alarms[(alarm.Key, alarm.IsRetry)] = (alarm, at);
        return Task.CompletedTask;
    }

    private Task DisarmAsync(Alarm alarm, CancellationToken stop)
    {
        _alarms.TryRemove((alarm.Key, alarm.IsRetry), out _);
        return Task.CompletedTask;
    }
}

internal static class LedgerAssertions
{
    public static void ShouldContainRun(this IEnumerable<ScheduleStarts> fired, RunId run)
    {
        if (fired.All(f => f.RunId != run)) throw new InvalidOperationException($"Run {run} was dispatched before it was in the ledger.");
    }
}
