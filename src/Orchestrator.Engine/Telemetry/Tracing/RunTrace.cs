using System.Diagnostics;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>The trace a run's spans belong to.</summary>
internal sealed record RunTrace(string TraceId, bool Sampled, string? State)
{
    public static RunTrace Of(RunId run, WorkflowCreated created) => Of(run, created.Trace, created.Sampled);

    /// <param name="decided">What was decided for the run when it was accepted; null: as the caller's context says.</param>
    public static RunTrace Of(RunId run, TraceStamp? inbound, bool? decided = null)
    {
        TraceContexts.TryRead(inbound, out var caller);
        return new(TraceIds.TraceId(run, inbound), TraceContexts.IsSampled(inbound, decided), caller.TraceState);
    }

    public TraceReference At(string spanId) => new(TraceId, spanId);

    /// <summary>The context of a span of this trace; the empty id means no parent.</summary>
    public ActivityContext Context(string? spanId) => new(
        ActivityTraceId.CreateFromString(TraceId),
        spanId is null ? default : ActivitySpanId.CreateFromString(spanId),
        Sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None,
        State);
}
