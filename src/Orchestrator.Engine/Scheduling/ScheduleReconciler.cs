using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry;
using Quartz;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Keeps the alarms of enabled schedules in line with the definitions in force, and rings for those that are due when Quartz does.</summary>
public sealed class ScheduleReconciler : BackgroundService
{
    private readonly Channel<IReadOnlyCollection<WorkflowDefinition>> _latest =
        Channel.CreateBounded<IReadOnlyCollection<WorkflowDefinition>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly DueSchedules _due;
    private readonly QuartzAlarms _alarms;
    private readonly TimeProvider _clock;
    private readonly SchedulingOptions _options;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _trouble;

    /// <summary>Makes it; definitions are put in force by <see cref="Apply"/>.</summary>
    public ScheduleReconciler(
        IRunJournal journal, TimeProvider clock, ScheduleActions actions, SchedulingOptions options,
        Installation installation, ISchedulerFactory quartz, ILogger<ScheduleReconciler> log, IRunStore? store = null)
    {
        (_clock, _options, _log) = (clock, options, log);
        _alarms = new(quartz, clock);
        _due = new(journal, clock, actions, options, () => installation.Id, new(_alarms.ArmAsync, (alarm, _) => _alarms.DisarmAsync(alarm)), log, store?.Runs) { Known = () => store?.Runs.SystemStreams() ?? [] };
    }

    /// <summary>Told of every due time that was noticed, from any thread; must be quick.</summary>
    public event Action<ScheduleLag>? Lagged
    {
        add => _due.Lagged += value;
        remove => _due.Lagged -= value;
    }

    /// <summary>Told of every entry of a schedule's ledger once it is durable, from any thread; must return at once.</summary>
    public event Action<RecordedEvent>? Recorded
    {
        add => _due.Recorded += value;
        remove => _due.Recorded -= value;
    }

    /// <summary>Told of every schedule that is found wrong, once; must return at once.</summary>
    public event Action<ScheduleRefused>? Refused
    {
        add => _due.Refused += value;
        remove => _due.Refused -= value;
    }

    /// <summary>Schedules that are wrong now; the others fire.</summary>
    public IReadOnlyList<ScheduleRefused> RefusedNow => _due.RefusedNow;

    /// <summary>The schedules in force with their next due time (UTC; null: none).</summary>
    public IEnumerable<(string Workflow, ScheduleDefinition Schedule, DateTimeOffset? NextDue)> Upcoming =>
        _due.Armed.Select(a => (a.Schedule.Workflow.Name, a.Schedule.Schedule, a.Due));

    /// <summary>What is known of a schedule, <c>workflow/id</c>; null: nothing is.</summary>
    internal LedgerState? StateOf(string key) => _due.StateOf(key);

    /// <summary>Why the service is not ready: a due time that is long past has no entry in its ledger. Null: none is.</summary>
    public string? Trouble => _trouble;

    /// <summary>Takes what the engine journals into account: a due time may wait for a run's end.</summary>
    public void Take(AppendedBatch batch) => _due.Take(batch);

    /// <summary>Nothing fires from now on, and everything stays in force: what falls due is decided when the service is back.</summary>
    public void Halt() => _due.Halt();

    /// <summary>Nothing starts until the schedule is resumed, or until an instant; false when it is not in force.</summary>
    public Task<bool> PauseAsync(string workflow, string schedule, string actor, string? reason, DateTimeOffset? until, CancellationToken stop) =>
        _due.DoAsync($"{workflow}/{schedule}", new LedgerInput.Pause(actor, reason, until), stop);

    /// <summary>A paused schedule goes on; false when it is not in force.</summary>
    public Task<bool> ResumeAsync(string workflow, string schedule, string actor, string? reason, CancellationToken stop) =>
        _due.DoAsync($"{workflow}/{schedule}", new LedgerInput.Resume(actor, reason), stop);

    /// <summary>Starts a run of a schedule now, as its overlap rule allows; asked for again under the same id, it is the same run. Null: the schedule is not in force.</summary>
    internal Task<RequestedRun?> RunNowAsync(string workflow, string schedule, ManualInput.Request request, CancellationToken stop) =>
        _due.RequestAsync($"{workflow}/{schedule}", request, stop);

    /// <summary>The pause that all schedules are in; null: there is none.</summary>
    internal SchedulePause? AllPaused => _due.All.State.Pause;

    /// <summary>Pauses or resumes all schedules.</summary>
    internal Task DoAllAsync(MaintenanceInput input, CancellationToken stop) => _due.DoAllAsync(input, stop);

    /// <summary>Completes once the first definitions were put in force: what was due then has its entries.</summary>
    internal Task Looked => _looked.Task;

    /// <summary>Decides what has come due by now, where <see cref="SchedulingOptions.LooksWhenTold"/>.</summary>
    internal Task LookAsync(CancellationToken stop) => _due.LookAsync(stop);

    /// <summary>Whether no schedule has anything left to do: no run to submit, none that waits for another.</summary>
    internal bool IsIdle => _due.IsIdle;

    /// <summary>Puts these definitions in force, all at once and soon; the latest call wins. Never blocks.</summary>
    public void Apply(IReadOnlyCollection<WorkflowDefinition> definitions) => _latest.Writer.TryWrite(definitions);

    /// <summary>Quartz rang.</summary>
    internal async Task RangAsync(TriggerKey trigger, CancellationToken stop) => await _due.RingAsync(await _alarms.RangAsync(trigger, stop).ConfigureAwait(false), stop).ConfigureAwait(false);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(FollowAsync(stoppingToken), WatchAsync(stoppingToken), WatchDeadlinesAsync(stoppingToken));

    /// <inheritdoc/>
    public override void Dispose()
    {
        _due.Dispose();
        _alarms.Dispose();
        base.Dispose();
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        await foreach (var definitions in _latest.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            while (!await TryReconcileAsync(definitions, stop).ConfigureAwait(false) && !await NewerComeAsync(stop).ConfigureAwait(false)) { }
    }

    private async Task<bool> TryReconcileAsync(IReadOnlyCollection<WorkflowDefinition> definitions, CancellationToken stop)
    {
        try
        {
            var isDone = await _due.ReconcileAsync(definitions, stop).ConfigureAwait(false);
            _looked.TrySetResult();
            return isDone;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            _log.ReconcileFailed(e, _options.RetryDelay);
            return false;
        }
    }

    private async Task WatchDeadlinesAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_options.DeadlinesEvery, _clock);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false)) await _due.WatchDeadlinesAsync(stop).ConfigureAwait(false);
    }

    // Waits a moment; true at once when newer definitions are there.
    private async Task<bool> NewerComeAsync(CancellationToken stop)
    {
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var newer = _latest.Reader.WaitToReadAsync(moment.Token).AsTask();
        await Task.WhenAny(newer, Task.Delay(_options.RetryDelay, _clock, moment.Token)).ConfigureAwait(false);
        await moment.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return _latest.Reader.TryPeek(out _);
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        using var look = new StreamLook(_clock, _options.WatchEvery, _options.ClockEvery);
        while (true)
        {
            await look.NextAsync(stop).ConfigureAwait(false);
            var overdue = await _due.WatchAsync(stop).ConfigureAwait(false);
            var others = overdue.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"; {overdue.Count - 1} more are overdue") : "";
            _trouble = overdue.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture,
                $"schedule {overdue[0].Key} was due at {overdue[0].DueAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} and its ledger has no entry{others}");
        }
    }
}
