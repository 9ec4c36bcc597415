using System.Diagnostics.Metrics;
using Orchestrator.Engine.Telemetry.Health;

namespace Orchestrator.Engine.Telemetry.Metrics;

/// <summary>The instruments that are fed by events, with the buckets we advise.</summary>
internal sealed class RunInstruments(Meter meter)
{
    private static readonly InstrumentAdvice<double> Work = new()
    {
        HistogramBucketBoundaries = [.1, .5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400],
    };
    private static readonly InstrumentAdvice<double> Wait = new()
    {
        HistogramBucketBoundaries = [.005, .01, .05, .1, .5, 1, 5, 30, 60, 300, 900, 3600],
    };

    public Histogram<double> RunDuration { get; } = meter.CreateHistogram(TelemetryNames.RunDuration, "s", "Time of runs by state.", null, Work);
    public Counter<long> RunErrors { get; } = meter.CreateCounter<long>(TelemetryNames.RunErrors, "{error}", "Errors in runs, allowed ones too.");
    public Counter<long> SystemErrors { get; } = meter.CreateCounter<long>(TelemetryNames.SystemErrors, "{error}", "Faults of the orchestrator.");
    public Histogram<double> TaskDuration { get; } = meter.CreateHistogram(TelemetryNames.TaskDuration, "s", "Time of tasks from the first attempt's start, waits for retries included.", null, Work);
    public Histogram<double> AttemptDuration { get; } = meter.CreateHistogram(TelemetryNames.AttemptDuration, "s", "Time of single attempts.", null, Work);
    public Counter<long> TaskRetries { get; } = meter.CreateCounter<long>(TelemetryNames.TaskRetries, "{retry}", "Attempts that failed and were followed by another.");
    public Histogram<double> QueueWait { get; } = meter.CreateHistogram(TelemetryNames.QueueWait, "s", "Time runs and tasks waited for a place.", null, Wait);
    public Histogram<double> ScheduleLag { get; } = meter.CreateHistogram(TelemetryNames.ScheduleLag, "s", "Time between a due time and its firing.", null, Wait);
    public Counter<long> ScheduleMisfires { get; } = meter.CreateCounter<long>(TelemetryNames.ScheduleMisfires, "{misfire}", "Due times that were missed.");
    public Counter<long> ScheduleOverdue { get; } = meter.CreateCounter<long>(TelemetryNames.ScheduleOverdue, "{due_time}", "Due times without an entry in their ledger long after they were due, and due times without a completed run at expected_by.");
    public Counter<long> TriggerDeliveries { get; } = meter.CreateCounter<long>(TelemetryNames.TriggerDeliveries, "{delivery}", "Deliveries to triggers by outcome.");
    public Counter<long> TriggerRuns { get; } = meter.CreateCounter<long>(TelemetryNames.TriggerRuns, "{run}", "Runs that triggers started.");
    public Counter<long> EventsRejected { get; } = meter.CreateCounter<long>(TelemetryNames.EventsRejected, "{request}", "Requests with events that were refused before they reached a trigger.");
    public Counter<long> RunsResumed { get; } = meter.CreateCounter<long>(TelemetryNames.RunsResumed, "{run}", "Runs taken over: worker_lost with attempts under way, interrupted when their worker had stopped and closed them, idle without attempts.");
    public Counter<long> DelegatesAbandoned { get; } = meter.CreateCounter<long>(TelemetryNames.DelegatesAbandoned, "{delegate}", "Delegates that ignored their cancellation and were abandoned.");
    public Counter<long> Dropped { get; } = ExportWatch.Dropped(meter);
}
