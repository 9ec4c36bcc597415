using System.Globalization;
using Quartz;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Quartz as an alarm clock: a one-shot trigger per alarm. The only place that speaks to its scheduler.</summary>
internal sealed class QuartzAlarms(ISchedulerFactory quartz)
{
    private const string Group = "schedules";
    private static readonly JobKey Job = new("due", Group);

    // A ring that is armed again while it still runs needs a trigger of another name.
    private long _serial;

    public async Task ArmAsync(Alarm alarm, DateTimeOffset at, CancellationToken stop)
    {
        var scheduler = await quartz.GetScheduler(stop).ConfigureAwait(false);
        await scheduler.AddJob(JobBuilder.Create<DueJob>().WithIdentity(Job).StoreDurably().Build(), AddJobOptions.Replacing, stop).ConfigureAwait(false);
        await DisarmAsync(alarm, stop).ConfigureAwait(false);
        var trigger = TriggerBuilder.Create()
            .WithIdentity(Interlocked.Increment(ref _serial).ToString(CultureInfo.InvariantCulture), GroupOf(alarm))
            .ForJob(Job)
            .UsingJobData(DueJob.Key, alarm.Key)
            .UsingJobData(DueJob.Retry, alarm.IsRetry ? "1" : "")
            .UsingJobData(DueJob.Due, alarm.Due.UtcTicks.ToString(CultureInfo.InvariantCulture))
            .StartAt(at)
            // However late it is, Quartz only rings: what a late ring means is decided by the one who is rung for.
            .WithSimpleSchedule(s => s.WithRepeatCount(0).WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
            .Build();
        await scheduler.ScheduleJob(trigger, cancellationToken: stop).ConfigureAwait(false);
    }

    public async Task DisarmAsync(Alarm alarm, CancellationToken stop)
    {
        var scheduler = await quartz.GetScheduler(stop).ConfigureAwait(false);
        await scheduler.UnscheduleJobs(GroupMatcher<TriggerKey>.GroupEquals(GroupOf(alarm)), stop).ConfigureAwait(false);
    }

    private static string GroupOf(Alarm alarm) => alarm.IsRetry ? $"{Group}!{alarm.Key}" : $"{Group}:{alarm.Key}";
}

/// <summary>What a trigger does: ring.</summary>
internal sealed class DueJob(ScheduleReconciler reconciler) : IJob
{
    public const string Key = "key";
    public const string Due = "due";
    public const string Retry = "retry";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var key = context.MergedJobDataMap.GetString(Key)!;
        var due = new DateTimeOffset(long.Parse(context.MergedJobDataMap.GetString(Due)!, CultureInfo.InvariantCulture), TimeSpan.Zero);
        await reconciler.RingAsync(new(key, due, context.MergedJobDataMap.GetString(Retry) == "1"), cancellationToken).ConfigureAwait(false);
    }
}
