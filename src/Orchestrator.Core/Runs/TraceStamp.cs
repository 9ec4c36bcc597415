namespace Orchestrator.Core.Runs;

/// <summary>An inbound W3C trace context, stored with the run so that it survives restarts.</summary>
/// <param name="TraceParent"><c>00-{trace id}-{span id}-{flags}</c> (W3C Trace Context).</param>
/// <param name="TraceState">Vendor state, if any.</param>
/// <param name="Baggage">W3C baggage, if any.</param>
public sealed record TraceStamp(string TraceParent, string? TraceState = null, string? Baggage = null);

/// <summary>A span elsewhere that has to do with a run and is not its parent.</summary>
/// <param name="Type">The relation: <c>parent_run</c>, <c>retry_of</c>, <c>trigger</c> or <c>backfill</c>.</param>
/// <param name="TraceParent">That span, as a W3C traceparent.</param>
public sealed record TraceLink(string Type, string TraceParent);
