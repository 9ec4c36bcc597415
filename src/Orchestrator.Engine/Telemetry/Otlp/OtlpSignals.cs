using Microsoft.Extensions.Configuration;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>
/// Which signals leave this process. A signal leaves when an endpoint is configured for it and nothing switches it
/// off. OTEL_{TRACES,METRICS,LOGS}_EXPORTER are read here, because the SDK does not read them.
/// </summary>
public sealed record OtlpSignals
{
    private readonly OtlpSettings? _settings;

    private OtlpSignals(OtlpSettings? settings) => _settings = settings;

    /// <summary>Whether spans leave.</summary>
    public bool Traces => TracesTo is not null;

    /// <summary>Whether metrics leave.</summary>
    public bool Metrics => MetricsTo is not null;

    /// <summary>Whether log records leave.</summary>
    public bool Logs => LogsTo is not null;

    /// <summary>Whether anything leaves at all.</summary>
    public bool Any => Traces || Metrics || Logs;

    /// <summary>OTEL_SDK_DISABLED: nothing leaves in any way.</summary>
    public bool Disabled { get; private init; }

    /// <summary>Whether OTEL_METRICS_EXPORTER names <c>prometheus</c>, which is <c>/metrics</c>; null where it names nothing.</summary>
    public bool? PrometheusAsked { get; private init; }

    /// <summary>What of the variables cannot be used, each as a sentence that says what is done instead.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    internal OtlpTarget? TracesTo { get; private init; }

    internal OtlpTarget? MetricsTo { get; init; }

    internal OtlpTarget? LogsTo { get; private init; }

    /// <summary>How signals are exported; read only where one is.</summary>
    internal OtlpSettings Settings => _settings ?? throw new InvalidOperationException("No signal is exported.");

    /// <summary>The variables that say where signals go, for messages.</summary>
    internal string Variables => string.Join(", ", new[] { TracesTo, MetricsTo, LogsTo }.OfType<OtlpTarget>().Select(t => t.Variable).Distinct());

    /// <summary>Reads the OTEL_* keys of a configuration that includes the environment.</summary>
    public static OtlpSignals From(IConfiguration configuration)
    {
        var variables = new OtelVariables(configuration);
        if (IsTrue(variables.Text("OTEL_SDK_DISABLED"))) return new(settings: null) { Disabled = true };
        var forMetrics = Exporters("METRICS");
        var (traces, metrics, logs) = (To("TRACES"), To("METRICS"), To("LOGS"));
        var any = (traces ?? metrics ?? logs) is not null;
        var settings = any ? OtlpSettings.Read(variables) : null;
        if (traces is not null && RunSampling.Unusable(configuration) is { } problem) variables.Warn(problem);
        return new(settings)
        {
            TracesTo = traces, MetricsTo = metrics, LogsTo = logs, PrometheusAsked = forMetrics.Length > 0 ? forMetrics.Contains("prometheus") : null, Warnings = variables.Warnings,
        };

        OtlpTarget? To(string signal)
        {
            var exporters = Exporters(signal);
            foreach (var exporter in exporters)
                if (exporter is not ("otlp" or "none") && (exporter, signal) != ("prometheus", "METRICS"))
                    variables.Warn($"OTEL_{signal}_EXPORTER={exporter} is not a known exporter: use otlp or none, and for metrics also prometheus.");
            return exporters.Length > 0 && !exporters.Contains("otlp") ? null : OtlpTarget.Read(variables, signal);
        }

        string[] Exporters(string signal) => (variables.Text($"OTEL_{signal}_EXPORTER") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
