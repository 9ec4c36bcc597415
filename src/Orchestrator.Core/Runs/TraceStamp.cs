namespace Orchestrator.Core.Runs;

/// <summary>An inbound W3C trace context, stored with the run so that it survives restarts.</summary>
/// <param name="TraceParent"><c>00-{trace id}-{span id}-{flags}</c> (W3C Trace Context).</param>
/// <param name="TraceState">Vendor state, if any.</param>
/// <param name="Baggage">W3C baggage, if any.</param>
public sealed record TraceStamp(string TraceParent, string? TraceState = null, string? Baggage = null);
