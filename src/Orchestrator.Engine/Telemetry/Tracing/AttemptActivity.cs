using System.Diagnostics;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// The attempt as the ambient parent of whatever an executor does: HTTP requests, SQL, spans of a delegate. It is a stand-in with the attempt's
/// ids and is itself never exported: the attempt's span is built from the event that closes it, like all others. So a span is there only if
/// the journal has its fact, once even if this process is killed between the two, and a run that was not sampled can still be shown whole.
/// </summary>
public static class AttemptActivity
{
    /// <summary>
    /// Makes the attempt current in the caller's asynchronous flow: call it in the method that awaits the executor. Null without a listener.
    /// </summary>
    public static Activity? Start(RunId run, WorkflowCreated created, TaskId task, int attempt)
    {
        if (!SpanWriter.Source.HasListeners() || !DerivedSpanId.Works) return null;
        var trace = RunTrace.Of(run, created);
        var activity = DerivedSpanId.StandIn(trace.At(TraceIds.SpanId(run, TraceIds.Attempt, task.ToString(), attempt)), trace.Sampled);
        activity.TraceStateString = trace.State;
        activity.SetBaggage("orchestrator.run.id", run.ToString()).SetBaggage("cicd.pipeline.name", created.Workflow);
        Activity.Current = activity;
        return activity;
    }

    /// <summary>The executor is done: what it noted on its span is kept for the span that the event makes.</summary>
    public static void Complete(Activity? activity)
    {
        if (activity is null) return;
        if (activity.TagObjects.Any() || activity.Events.Any()) AttemptNotes.Keep(activity);
        activity.Stop();
    }
}
