using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Trace contexts derived from a run: for its child processes, and what an inbound one means. Pure.</summary>
public static class TraceContexts
{
    /// <summary>The caller's context; false when there is none or it is not a valid W3C traceparent.</summary>
    public static bool TryRead(TraceStamp? inbound, out ActivityContext context)
    {
        context = default;
        return inbound is not null && ActivityContext.TryParse(inbound.TraceParent, inbound.TraceState, isRemote: true, out context);
    }

    /// <summary>Whether spans of the run are recorded: as was decided for it, else yes, unless the caller's sampled flag says no.</summary>
    /// <param name="decided">What <see cref="WorkflowCreated.Sampled"/> says.</param>
    public static bool IsSampled(TraceStamp? inbound, bool? decided = null) =>
        decided ?? (!TryRead(inbound, out var context) || context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));

    /// <summary>
    /// What an attempt hands to whatever it starts: traceparent of the attempt's process span, the caller's
    /// tracestate, and as baggage the run's id and the workflow's name and nothing else.
    /// </summary>
    public static TraceStamp ForProcess(RunId run, TraceStamp? inbound, string workflow, TaskId task, int attempt, bool? sampled = null) =>
        Of(run, inbound, TraceIds.Process, task, attempt, sampled) with { Baggage = $"orchestrator.run.id={run},cicd.pipeline.name={Uri.EscapeDataString(workflow)}" };

    /// <summary>The context of a span of an attempt: traceparent and the caller's tracestate.</summary>
    /// <param name="kind">One of <see cref="TraceIds"/>' kinds of span.</param>
    /// <param name="sampled">What was decided for the run.</param>
    public static TraceStamp Of(RunId run, TraceStamp? inbound, string kind, TaskId task, int attempt, bool? sampled = null)
    {
        var traceId = TraceIds.TraceId(run, inbound);
        var spanId = TraceIds.SpanId(run, kind, task.ToString(), attempt);
        var state = TryRead(inbound, out var context) ? context.TraceState : null;
        return new(string.Create(CultureInfo.InvariantCulture, $"00-{traceId}-{spanId}-{(IsSampled(inbound, sampled) ? "01" : "00")}"), state, null);
    }
}
