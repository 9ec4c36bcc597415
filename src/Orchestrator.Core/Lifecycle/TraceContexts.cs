using System.Diagnostics;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Trace contexts derived from a run: for its child processes, and what an inbound one means. Pure.</summary>
public static class TraceContexts
{
    private const int MaxBaggage = 8192;

    /// <summary>
    /// The one reader of a context that comes from outside, be it by headers, a request's body or the environment: as it is kept with a run, in version 00
    /// and with what of its tracestate may be passed on. Null when there is none or it is not valid.
    /// </summary>
    public static TraceStamp? Inbound(string? parent, string? state = null, string? baggage = null) =>
        W3CTraceParent.TryRead(parent, null, out var context)
            ? new(Text(context.TraceId.ToHexString(), context.SpanId.ToHexString(), context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)),
                W3CTraceState.Read(state), baggage is { Length: > 0 and <= MaxBaggage } ? baggage : null)
            : null;

    /// <summary>The caller's context; false when there is none or it is not a valid W3C traceparent.</summary>
    public static bool TryRead(TraceStamp? inbound, out ActivityContext context)
    {
        context = default;
        return inbound is not null && W3CTraceParent.TryRead(inbound.TraceParent, inbound.TraceState, out context);
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

    /// <summary>The context of a run's own span: what a run that repeats it is linked to.</summary>
    public static TraceStamp OfRun(RunId run, TraceStamp? inbound, bool? sampled = null) => At(run, inbound, TraceIds.SpanId(run, TraceIds.Run), sampled);

    /// <summary>The context of a span of an attempt: traceparent and the caller's tracestate.</summary>
    /// <param name="kind">One of <see cref="TraceIds"/>' kinds of span.</param>
    /// <param name="sampled">What was decided for the run.</param>
    public static TraceStamp Of(RunId run, TraceStamp? inbound, string kind, TaskId task, int attempt, bool? sampled = null) =>
        At(run, inbound, TraceIds.SpanId(run, kind, task.ToString(), attempt), sampled);

    private static TraceStamp At(RunId run, TraceStamp? inbound, string spanId, bool? sampled) =>
        new(Text(TraceIds.TraceId(run, inbound), spanId, IsSampled(inbound, sampled)), TryRead(inbound, out var context) ? context.TraceState : null);

    private static string Text(string traceId, string spanId, bool sampled) => $"00-{traceId}-{spanId}-{(sampled ? "01" : "00")}";
}
