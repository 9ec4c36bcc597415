using System.Collections.Immutable;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// Where a run is in relation to what caused it. A caller that gives its trace context gets the run in its trace. Otherwise the run is the root of a
/// trace of its own, which is linked to the request.
/// </summary>
internal static class TraceOrigin
{
    private const string Trigger = "trigger", RetryOf = "retry_of";

    /// <summary>The run's parent: in the caller's trace the span that took the request, if it is exported, or else the caller's own span.</summary>
    /// <param name="caller">What the caller gave.</param>
    /// <param name="via">The span that took the request.</param>
    public static TraceStamp? ParentOf(TraceStamp? caller, TraceStamp? via) =>
        !TraceContexts.TryRead(caller, out var given) ? null
        : TraceContexts.TryRead(via, out var request) && request.TraceId == given.TraceId && TraceContexts.IsSampled(via) ? via : caller;

    /// <summary>The given links, and one to the request unless the run is below it or it is not exported.</summary>
    public static ImmutableArray<TraceLink> Links(ImmutableArray<TraceLink> given, TraceStamp? caller, TraceStamp? via)
    {
        var links = given.IsDefault ? [] : given;
        if (TraceContexts.TryRead(via, out _) && TraceContexts.IsSampled(via) && ParentOf(caller, via) != via) links = links.Add(new(Trigger, via!.TraceParent));
        return links.IsEmpty ? default : links;
    }

    /// <summary>Links of a run that repeats another: to that one, and what that one was linked to.</summary>
    public static ImmutableArray<TraceLink> Repeats(RunId earlier, WorkflowCreated created) =>
        [new(RetryOf, TraceContexts.OfRun(earlier, created.Trace, created.Sampled).TraceParent),
            .. created.Links.IsDefault ? [] : created.Links.Where(l => l.Type != RetryOf)];
}
