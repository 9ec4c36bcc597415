using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Quartz;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Keeps one Quartz trigger per enabled schedule in line with the definitions in force.</summary>
public sealed class ScheduleReconciler : BackgroundService
{
    private readonly Channel<IReadOnlyCollection<WorkflowDefinition>> _latest =
        Channel.CreateBounded<IReadOnlyCollection<WorkflowDefinition>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly DueSchedules _due;
    private readonly TimeProvider _clock;
    private readonly SchedulingOptions _options;
    private readonly ILogger _log;

    /// <param name="dispatch">Submits the run; false when a run of its id existed already. It may be called again for the same run.</param>
    public ScheduleReconciler(
        IRunJournal journal, TimeProvider clock, Func<ScheduledRun, CancellationToken, Task<bool>> dispatch, SchedulingOptions options,
        Installation installation, ISchedulerFactory quartz, ILogger<ScheduleReconciler> log)
    {
        (_clock, _options, _log) = (clock, options, log);
        var alarms = new QuartzAlarms(quartz);
        _due = new(journal, clock, dispatch, options, () => installation.Id, new(alarms.ArmAsync, alarms.DisarmAsync), log);
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

    /// <summary>The schedules in force with their next due time (UTC; null: none).</summary>
    public IEnumerable<(string Workflow, ScheduleDefinition Schedule, DateTimeOffset? NextDue)> Upcoming =>
        _due.Armed.Select(a => (a.Workflow.Name, a.Schedule, a.Due));

    /// <summary>Puts these definitions in force, all at once and soon; the latest call wins. Never blocks.</summary>
    public void Apply(IReadOnlyCollection<WorkflowDefinition> definitions) => _latest.Writer.TryWrite(definitions);

    internal Task RingAsync(Alarm alarm, CancellationToken stop) => _due.RingAsync(alarm, stop);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var definitions in _latest.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            try { await _due.ReconcileAsync(definitions, stoppingToken).ConfigureAwait(false); }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                _log.ReconcileFailed(e, _options.RetryDelay);
                await Task.Delay(_options.RetryDelay, _clock, stoppingToken).ConfigureAwait(false);
                if (!_latest.Reader.TryPeek(out _)) Apply(definitions);   // unless newer ones have come meanwhile
            }
        }
    }
}
