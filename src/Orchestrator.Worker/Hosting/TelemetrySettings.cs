namespace Orchestrator.Worker.Hosting;

/// <summary><c>Telemetry</c>: what leaves as OTLP. Where to is said by the OTEL_* variables.</summary>
internal sealed record TelemetrySettings
{
    /// <summary>
    /// <c>Sample</c>: part of the runs, 0 to 1, whose spans leave when they end well; those of runs that fail always leave. A workflow's
    /// <c>telemetry.sample</c>, a caller's trace context and the header X-Orchestrator-Sample stand above it. Not set: OTEL_TRACES_SAMPLER, or else all.
    /// </summary>
    public double? Sample { get; init; }
}
