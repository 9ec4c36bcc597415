using Orchestrator.Engine.Telemetry.Otlp;

namespace Orchestrator.Worker.Options;

/// <summary><c>Orchestrator:Telemetry</c>. What OpenTelemetry has variables for is not repeated here.</summary>
internal sealed record TelemetryChoices
{
    /// <summary>
    /// <c>Prometheus</c>: whether `serve` answers <c>/metrics</c>. auto (default): unless metrics are exported by OTLP, because the same series from two ways
    /// count double; <c>OTEL_METRICS_EXPORTER</c> decides where it is set. on, off: whatever else there is.
    /// </summary>
    public ScrapeChoice Prometheus { get; init; }

    /// <summary>
    /// <c>Sample</c>: part of the runs, 0 to 1, whose spans leave when they end well; those of runs that fail always leave. A workflow's
    /// <c>telemetry.sample</c>, a caller's trace context and the header X-Orchestrator-Sample stand above it. Not set: OTEL_TRACES_SAMPLER, or else all.
    /// </summary>
    public double? Sample { get; init; }

    /// <summary>Whether metrics can be scraped.</summary>
    public bool IsScraped(OtlpSignals signals) => !signals.Disabled && Prometheus switch
    {
        ScrapeChoice.On => true,
        ScrapeChoice.Off => false,
        _ => signals.PrometheusAsked ?? !signals.Metrics,
    };
}

/// <summary>Words of the key <c>Telemetry:Prometheus</c>.</summary>
internal enum ScrapeChoice
{
    Auto,
    On,
    Off,
}
