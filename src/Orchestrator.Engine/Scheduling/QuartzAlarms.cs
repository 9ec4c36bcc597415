using System.Globalization;
using Quartz;

namespace Orchestrator.Engine.Scheduling;

/// <summary>
/// Quartz as an alarm clock: one trigger, at the instant of the next alarm, so that all alarms of one instant ring together. The only place that speaks to its scheduler.
/// </summary>
internal sealed class QuartzAlarms(ISchedulerFactory quartz, TimeProvider clock) : IDisposable
{
    private const string Group = "schedules";
    private static readonly JobKey s_job = new("due", Group);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(1);
    // Quartz rings up to a few milliseconds early: those are waited for.
    private static readonly TimeSpan s_early = TimeSpan.FromMilliseconds(50);
    private readonly Lock _gate = new();
    private readonly AlarmBook _book = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private DateTimeOffset? _ringsAt;   // when the trigger does; null: there is none, or it has rung
    private TriggerKey? _trigger;
    private long _serial;

    /// <summary>Rings for this alarm at an instant; an earlier alarm of the same schedule and kind is void.</summary>
    public Task ArmAsync(Alarm alarm, DateTimeOffset at, CancellationToken stop)
    {
        lock (_gate)
        {
            _book.Set(alarm, at);
            if (_ringsAt <= at) return Task.CompletedTask;
        }
        return FollowAsync(stop);
    }

    /// <summary>Does not ring for it any more. The trigger stays: a ring that finds nothing due sets the next.</summary>
    public Task DisarmAsync(Alarm alarm)
    {
        lock (_gate) _book.Remove(alarm);
        return Task.CompletedTask;
    }

    /// <summary>A trigger rang: the alarms that are due, and the trigger of the next is set.</summary>
    public async Task<IReadOnlyList<Alarm>> RangAsync(TriggerKey trigger, CancellationToken stop)
    {
        List<Alarm> due;
        while (true)
        {
            TimeSpan? wait;
            lock (_gate)
            {
                var now = clock.GetUtcNow();
                if (trigger.Equals(_trigger)) _ringsAt = null;
                due = _book.TakeDue(now);
                wait = _book.Next - now;
            }
            if (due.Count > 0 || wait is not { } early || early > s_early) break;
            await Task.Delay(early < s_step ? s_step : early, clock, stop).ConfigureAwait(false);
        }
        // Before anything is done about them, which may take its time.
        await FollowAsync(stop).ConfigureAwait(false);
        return due;
    }

    public void Dispose() => _turn.Dispose();

    // Sets the trigger, unless one rings by then anyway.
    private async Task FollowAsync(CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var scheduler = await quartz.GetScheduler(stop).ConfigureAwait(false);
            while (Sooner() is { } at)
            {
                if (_serial == 0) await scheduler.AddJob(JobBuilder.Create<DueJob>().WithIdentity(s_job).StoreDurably().Build(), AddJobOptions.Replacing, stop).ConfigureAwait(false);
                // One that is set again while its ring still runs needs another name.
                var key = new TriggerKey((++_serial).ToString(CultureInfo.InvariantCulture), Group);
                var trigger = TriggerBuilder.Create().WithIdentity(key).ForJob(s_job).StartAt(at)
                    // However late it is, Quartz only rings: what a late ring means is decided by the one who is rung for.
                    .WithSimpleSchedule(s => s.WithRepeatCount(0).WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires)).Build();
                TriggerKey? before;
                lock (_gate) (before, _trigger, _ringsAt) = (_trigger, key, at);   // before it can ring
                try
                {
                    await scheduler.ScheduleJob(trigger, cancellationToken: stop).ConfigureAwait(false);
                }
                catch
                {
                    lock (_gate) _ringsAt = null;   // the next alarm that is set tries again
                    throw;
                }
                if (before is not null) await scheduler.UnscheduleJob(before, stop).ConfigureAwait(false);
            }
        }
        finally { _turn.Release(); }
    }

    private DateTimeOffset? Sooner()
    {
        lock (_gate) return _book.Next is { } next && !(_ringsAt <= next) ? next : null;
    }
}

/// <summary>What the trigger does: ring.</summary>
internal sealed class DueJob(ScheduleReconciler reconciler) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciler.RangAsync(context.Trigger.Key, cancellationToken).ConfigureAwait(false);
}
