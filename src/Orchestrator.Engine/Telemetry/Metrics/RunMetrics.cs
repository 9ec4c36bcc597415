using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry.Metrics;

/// <summary>Records metrics from appended events: what the journal says, they say too. No run id is ever a label.</summary>
internal sealed class RunMetrics : IDisposable
{
    // Far more than anybody keeps an eye on; few enough for any metrics database.
    private readonly NameLimit _names = new(workflows: 1000, tasks: 3000);
    private readonly Meter _meter = TelemetryNames.Meter();
    private readonly RunInstruments _i;
    private readonly UsageInstruments _usage;
    private readonly UnfinishedRunTotals _open;

    private readonly Func<bool> _tracing;

    /// <param name="tracing">Whether spans are exported: then measurements of durations name the span as their example.</param>
    public RunMetrics(TimeProvider clock, Func<bool> tracing)
    {
        _tracing = tracing;
        _i = new RunInstruments(_meter);
        _usage = new UsageInstruments(_meter);
        _open = new UnfinishedRunTotals(clock, _names);
        Gauges.Create(_meter, _open, () => Snapshot?.Invoke(), () => RefusedSchedules?.Invoke() ?? []);
    }

    public Func<EngineSnapshot>? Snapshot { get; set; }

    public Func<IEnumerable<string>>? RefusedSchedules { get; set; }

    /// <summary>Whether anybody listens.</summary>
    public bool Enabled => _i.RunDuration.Enabled || _i.TaskDuration.Enabled || _i.Dropped.Enabled;

    public void Record(AppendedBatch batch)
    {
        var tracing = _tracing();
        foreach (var recorded in batch.Events)
        {
            // History is folded for the gauges, but was counted by the process that made it.
            var open = _open.Next(batch.RunId, batch.Definition.Name, recorded);
            if (batch.IsHistory) continue;
            if (tracing && open.Trace is { Sampled: true } trace && ExampleOf(batch.RunId, recorded.Event) is { } span) CountWithin(trace.At(span), batch, recorded.Event, open);
            else Count(batch, recorded.Event, open);
        }
    }

    public void Record(RecordedEvent system)
    {
        switch (system.Event)
        {
            case ScheduleStarts starts:
                _i.ScheduleLag.Record(Math.Max(0, (system.Time - starts.DueAt).TotalSeconds), Pipeline(starts.Workflow));
                break;
            case ScheduleSkipped { Reason: SkipReasons.Misfire or SkipReasons.Superseded or SkipReasons.Window or SkipReasons.Max } skipped:
                _i.ScheduleMisfires.Add(skipped.Count ?? 1, Pipeline(skipped.Workflow));
                break;
            case ScheduleOverdue overdue:
                _i.ScheduleOverdue.Add(1, Pipeline(overdue.Workflow));
                break;
            case TriggerEvent entry:
                Delivered(entry);
                break;
            case EventRejected rejected:
                _i.EventsRejected.Add(rejected.Count ?? 1, new KeyValuePair<string, object?>(TelemetryNames.Reason, rejected.Reason));
                break;
        }
    }

    private void Delivered(TriggerEvent entry)
    {
        var (outcome, count) = DeliveryOutcomes.Of(entry);
        if (count == 0) return;
        var tags = _names.Trigger(entry.Workflow, entry.TriggerId);
        if (entry is TriggerFired) _i.TriggerRuns.Add(1, tags);
        tags.Add(TelemetryNames.TriggerOutcome, outcome);
        if (entry is TriggerRejected { Reason: var reason }) tags.Add(TelemetryNames.Reason, reason);
        _i.TriggerDeliveries.Add(count, tags);
    }

    public void Drop(int events, string reason) => _i.Dropped.Add(events, new(TelemetryNames.Reason, reason), new(TelemetryNames.Signal, "events"));

    public void SystemError(string component, string errorType) =>
        _i.SystemErrors.Add(1, new(TelemetryNames.SystemComponent, component), new(TelemetryNames.ErrorType, errorType));

    public void DelegateAbandoned(string workflow, TaskId task) => _i.DelegatesAbandoned.Add(1, _names.Task(workflow, NameOf(task)));

    public void Succeeded(string workflow, DateTimeOffset at) => _open.Succeeded(workflow, at);

    public void Forget(RunId run) => _open.Forget(run);

    public void Dispose() => _meter.Dispose();

    /// <summary>The span that a measurement of this event is an example of.</summary>
    private static string? ExampleOf(RunId run, JournalEvent e) => e switch
    {
        WorkflowEnded => TraceIds.SpanId(run, TraceIds.Run),
        TaskRetrying retrying => TraceIds.SpanId(run, TraceIds.Attempt, retrying.Task.ToString(), retrying.Attempt),
        AttemptClosed { Attempt: > 0 } closed => TraceIds.SpanId(run, TraceIds.Task, closed.Task.ToString()),
        _ => null,
    };

    private void CountWithin(TraceReference span, AppendedBatch batch, JournalEvent e, UnfinishedRun open)
    {
        var before = Activity.Current;
        Activity.Current = DerivedSpanId.StandIn(span, sampled: true);   // the SDK takes exemplars from the current activity
        try { Count(batch, e, open); }
        finally { Activity.Current = before; }
    }

    private void Count(AppendedBatch batch, JournalEvent e, UnfinishedRun open)
    {
        var workflow = batch.Definition.Name;
        switch (e)
        {
            case WorkflowStarted started:
                _i.RunDuration.Record(started.QueueWaitMs / 1000, Run(workflow, "pending", null));
                _i.QueueWait.Record(started.QueueWaitMs / 1000, new KeyValuePair<string, object?>(TelemetryNames.QueueName, open.Queue));
                break;
            case WorkflowRecovered:
                _i.RunsResumed.Add(1, Pipeline(workflow), new(TelemetryNames.Reason, open.TakenOver));
                break;
            case WorkflowEnded ended:
                _i.RunDuration.Record(ended.DurationMs / 1000, Run(workflow, ended.StatusFrom is RunStatus.Pending or RunStatus.Queued ? "pending" : "executing", e));
                if (ended is WorkflowFailed { Failed: 0 } failed) RunError(workflow, failed);
                if (Outcomes.Of(e) == Outcomes.Error && ended is WorkflowFailed { Failed: 0 } ours)
                    SystemError(ours.ErrorClass == ErrorClass.Persistence ? "store" : "scheduler", Words.Of(ours.ErrorType));
                break;
            case TaskRetrying retrying:
                var retried = _names.Task(workflow, NameOf(retrying.Task));
                retried.Add(TelemetryNames.ErrorType, Outcomes.ErrorType(e));
                _i.TaskRetries.Add(1, retried);
                Attempt(workflow, retrying, open);
                break;
            case TaskSkipped:
                break;
            case AttemptClosed closed:
                if (closed is TaskFailed { FailedItems: null }) RunError(workflow, e);
                Attempt(workflow, closed, open);
                Task(workflow, closed, open);
                break;
        }
    }

    private void Task(string workflow, AttemptClosed e, UnfinishedRun open)
    {
        if (e.Attempt == 0) return;
        var (took, waited) = e switch
        {
            TaskCompleted completed => (completed.DurationMs, completed.QueueMs),
            TaskFailed failed => (failed.DurationMs, failed.QueueMs),
            TaskCancelled cancelled => (cancelled.DurationMs, (double?)null),
            _ => (0, null),
        };
        _i.TaskDuration.Record(took / 1000, Labels(workflow, e, open));
        if (waited is { } ms) _i.QueueWait.Record(ms / 1000, new KeyValuePair<string, object?>(TelemetryNames.QueueName, "tasks"));
    }

    private void Attempt(string workflow, AttemptClosed e, UnfinishedRun open)
    {
        if (!open.ClosedAttempt) return;
        var labels = Labels(workflow, e, open);
        _i.AttemptDuration.Record(e.AttemptDurationMs / 1000, labels);
        if (e.Process?.Usage is { } usage) _usage.Record(usage, labels);
        if (Outcomes.Of(e) == Outcomes.Error && e is not TaskFailed { FailedItems: not null }) SystemError("executor", Outcomes.ErrorType(e)!);
    }

    private void RunError(string workflow, JournalEvent e) =>
        _i.RunErrors.Add(1, Pipeline(workflow), new(TelemetryNames.ErrorType, Outcomes.ErrorType(e)));

    private TagList Labels(string workflow, AttemptClosed e, UnfinishedRun open)
    {
        var tags = _names.Task(workflow, NameOf(e.Task));
        tags.Add(TelemetryNames.TaskRunResult, Outcomes.Of(e));
        if (open.ClosedExecutor is { } kind) tags.Add(TelemetryNames.TaskType, kind);
        if (Outcomes.ErrorType(e) is { } type) tags.Add(TelemetryNames.ErrorType, type);
        return tags;
    }

    // Children of a fan-out share their task's name: ten thousand of them must not make ten thousand series.
    private static string NameOf(TaskId task) => task.TrySplit(out var whole, out _) ? whole.ToString() : task.ToString();

    private TagList Run(string workflow, string state, JournalEvent? end)
    {
        var tags = new TagList { Pipeline(workflow), { TelemetryNames.RunState, state } };
        if (end is null) return tags;
        tags.Add(TelemetryNames.PipelineResult, Outcomes.Of(end));
        if (Outcomes.ErrorType(end) is { } type) tags.Add(TelemetryNames.ErrorType, type);
        return tags;
    }

    private KeyValuePair<string, object?> Pipeline(string workflow) => _names.Workflow(workflow);
}
