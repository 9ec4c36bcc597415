using Microsoft.Extensions.Configuration;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>
/// Which signals leave this process. A signal leaves when an endpoint is configured for it and nothing switches it
/// off. OTEL_{TRACES,METRICS,LOGS}_EXPORTER are read here, because the SDK does not read them.
/// </summary>
/// <param name="Unknown">Exporters that were asked for and do not exist here, each as <c>VARIABLE=value</c>.</param>
public sealed record OtlpSignals(bool Traces, bool Metrics, bool Logs, IReadOnlyList<string> Unknown)
{
    /// <summary>Whether anything leaves at all.</summary>
    public bool Any => Traces || Metrics || Logs;

    /// <summary>OTEL_SDK_DISABLED: nothing leaves in any way.</summary>
    public bool Disabled { get; init; }

    /// <summary>Whether OTEL_METRICS_EXPORTER names <c>prometheus</c>, which is <c>/metrics</c>; null where it names nothing.</summary>
    public bool? PrometheusAsked { get; init; }

    /// <summary>Reads the OTEL_* keys of a configuration that includes the environment.</summary>
    public static OtlpSignals From(IConfiguration configuration)
    {
        var unknown = new List<string>();
        if (IsTrue(configuration["OTEL_SDK_DISABLED"])) return new(false, false, false, unknown) { Disabled = true };
        var forMetrics = Exporters("METRICS");
        return new(Leaves("TRACES"), Leaves("METRICS"), Leaves("LOGS"), unknown) { PrometheusAsked = forMetrics.Length > 0 ? forMetrics.Contains("prometheus") : null };

        bool Leaves(string signal)
        {
            var exporters = Exporters(signal);
            foreach (var exporter in exporters)
                if (exporter is not ("otlp" or "none") && (exporter, signal) != ("prometheus", "METRICS")) unknown.Add($"OTEL_{signal}_EXPORTER={exporter}");
            if (exporters.Length > 0 && !exporters.Contains("otlp")) return false;
            return Given(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) || Given(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);
        }

        string[] Exporters(string signal) => (configuration[$"OTEL_{signal}_EXPORTER"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool Given(string? value) => !string.IsNullOrWhiteSpace(value);

    private static bool IsTrue(string? value) => string.Equals(value?.Trim(), "true", StringComparison.OrdinalIgnoreCase);
}
