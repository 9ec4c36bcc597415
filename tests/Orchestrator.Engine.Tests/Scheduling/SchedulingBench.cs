using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Scheduling;
using Orchestrator.TestKit;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>Schedules with a clock and alarms the test moves: <c>PassTo</c> rings whatever becomes due, in order.</summary>
internal sealed class SchedulingBench
{
    private readonly Dictionary<string, (Alarm Alarm, DateTimeOffset At)> _alarms = [];
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

    public Task Apply(params WorkflowDefinition[] definitions) => _due.ReconcileAsync(definitions, CancellationToken.None);

    /// <summary>What a kill -9 leaves: the journal and the clock.</summary>
    public void Restart()
    {
        _alarms.Clear();
        _due = Create();
    }

    public Task Ring(Alarm alarm) => _due.RingAsync(alarm, CancellationToken.None);

    public async Task PassTo(string instant)
    {
        var end = At(instant);
        while (_alarms.Values.Where(a => a.At <= end).OrderBy(a => a.At).Select(a => ((Alarm, DateTimeOffset)?)a).FirstOrDefault() is var (alarm, at))
        {
            if (at > Clock.GetUtcNow()) Clock.AdvanceTo(at);
            _alarms.Remove(alarm.Key);
            await Ring(alarm);
        }
        Clock.AdvanceTo(end);
    }

    /// <summary>The machine sleeps: time passes and nothing rings until it wakes.</summary>
    public async Task SleepTo(string instant)
    {
        Clock.AdvanceTo(At(instant));
        await PassTo(instant);
    }

    private DueSchedules Create()
    {
        var due = new DueSchedules(Journal, Clock, DispatchAsync, new(), () => InstallationFaults-- > 0 ? throw new IOException("No space left on device.") : Installation, new(ArmAsync, DisarmAsync), NullLogger.Instance);
        due.Lagged += Lags.Add;
        return due;
    }

    private Task<bool> DispatchAsync(ScheduledRun run, CancellationToken stop)
    {
        if (DispatchFailures-- > 0) throw new InvalidOperationException("The engine is full.");
        Journal.Of($"schedule:{run.Definition.Name}/{run.Schedule.Id}").OfType<ScheduleFired>().ShouldContainRun(run.RunId);
        if (Runs.Any(r => r.RunId == run.RunId)) return Task.FromResult(false);
        Runs.Add(run);
        return Task.FromResult(true);
    }

    private Task ArmAsync(Alarm alarm, DateTimeOffset at, CancellationToken stop)
    {
        _alarms[alarm.Key] = (alarm, at);
        return Task.CompletedTask;
    }

    private Task DisarmAsync(Alarm alarm, CancellationToken stop)
    {
        _alarms.Remove(alarm.Key);
        return Task.CompletedTask;
    }
}

internal static class LedgerAssertions
{
    public static void ShouldContainRun(this IEnumerable<ScheduleFired> fired, RunId run)
    {
        if (fired.All(f => f.RunId != run)) throw new InvalidOperationException($"Run {run} was dispatched before it was in the ledger.");
    }
}
