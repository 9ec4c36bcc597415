using System.Diagnostics;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Lifecycle.Sinks.Tracing;

/// <summary>
/// The one span that is live while work is done: the attempt, the ambient parent of whatever an executor does. Its id
/// is derived like all others, so it hangs below a task span that is exported later.
/// </summary>
public static class AttemptActivity
{
    /// <summary>
    /// Starts the span and makes it current in the caller's asynchronous flow: call it in the method that awaits the
    /// executor. Null while nobody listens. In a trace that is not sampled it only hands that on: nothing is exported.
    /// </summary>
    /// <param name="inbound">The trace context stored with the run.</param>
    /// <param name="startedAt">Time of the attempt's <c>task.started</c>, so that trace and journal agree.</param>
    public static Activity? Start(RunId run, string workflow, TaskDefinition task, int attempt, int maxAttempts, TraceStamp? inbound, DateTimeOffset startedAt)
    {
        if (!SpanWriter.Source.HasListeners() || !DerivedSpanId.Works) return null;
        var trace = RunTrace.Of(run, inbound);
        var name = task.Id.ToString();
        KeyValuePair<string, object?>[] tags =
        [
            new(TelemetryNames.TaskName, name),
            new(TelemetryNames.PipelineName, workflow),
            new(TelemetryNames.RunId, run.ToString()),
            new(TelemetryNames.TaskType, task.Action.Kind),
            new(TelemetryNames.AttemptNumber, attempt),
            new(TelemetryNames.AttemptMax, maxAttempts),
        ];
        var activity = SpanWriter.Source.CreateActivity(
            "attempt " + name, ActivityKind.Internal, trace.Context(TraceIds.SpanId(run, TraceIds.Task, name)), tags);
        if (activity is null || !activity.IsAllDataRequested) return Unrecorded(trace, run, name, attempt);
        activity.SetStartTime(startedAt.UtcDateTime);
        activity.Start();
        DerivedSpanId.Set(activity, TraceIds.SpanId(run, TraceIds.Attempt, name, attempt));
        activity.SetBaggage("orchestrator.run.id", run.ToString()).SetBaggage("cicd.pipeline.name", workflow);
        return activity;
    }

    /// <summary>
    /// Ends the span. The outcome is the one that is journaled: an attempt stopped by its time limit has become
    /// <see cref="FailureKind.Timeout"/> before. An interrupted attempt is not exported here: whoever journals it as
    /// <c>worker_lost</c> exports it, once, even if this process is killed in between.
    /// </summary>
    public static void Complete(Activity? activity, TaskOutcome outcome)
    {
        if (activity is null) return;
        switch (outcome)
        {
            case TaskOutcome.Interrupted or TaskOutcome.Failed { Kind: FailureKind.WorkerLost }:
                activity.IsAllDataRequested = false;
                activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                break;
            case TaskOutcome.Failed failed:
                activity.SetTag(TelemetryNames.TaskRunResult, Outcomes.Of(failed.Kind));
                activity.SetTag(TelemetryNames.ErrorType, Words.Of(failed.Kind));
                activity.SetStatus(ActivityStatusCode.Error, failed.Message);
                break;
            case TaskOutcome.Cancelled:
                activity.SetTag(TelemetryNames.TaskRunResult, Outcomes.Cancellation);
                break;
            default:
                activity.SetTag(TelemetryNames.TaskRunResult, Outcomes.Success);
                break;
        }
        activity.Stop();
    }

    /// <summary>Without it, what the executor does would begin traces of its own.</summary>
    private static Activity Unrecorded(RunTrace trace, RunId run, string task, int attempt)
    {
        var standIn = DerivedSpanId.StandIn(trace.At(TraceIds.SpanId(run, TraceIds.Attempt, task, attempt)), sampled: false);
        standIn.IsAllDataRequested = false;
        Activity.Current = standIn;
        return standIn;
    }
}
