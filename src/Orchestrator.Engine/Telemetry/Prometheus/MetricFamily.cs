using OpenTelemetry.Metrics;

namespace Orchestrator.Engine.Telemetry.Prometheus;

/// <summary>What Prometheus knows under one name: instruments of several scopes may share it.</summary>
internal sealed class MetricFamily
{
    private MetricFamily(string name, string unit, string kind, string help) => (Name, Unit, Kind, Help) = (name, unit, kind, help);

    /// <summary>Without <c>_total</c>.</summary>
    public string Name { get; }

    public string Unit { get; }

    /// <summary>counter, gauge or histogram.</summary>
    public string Kind { get; }

    public string Help { get; }

    public List<Metric> Metrics { get; } = [];

    /// <summary>
    /// The families of what was collected. Of two kinds under one name the first is kept: a name with two meanings would be refused as a whole.
    /// </summary>
    public static IEnumerable<MetricFamily> Of(IEnumerable<Metric> metrics)
    {
        var families = new Dictionary<string, MetricFamily>(StringComparer.Ordinal);
        foreach (var metric in metrics)
        {
            if (KindOf(metric.MetricType) is not { } kind) continue;
            var (name, unit) = PrometheusName.Family(metric.Name, metric.Unit, isGauge: kind == "gauge");
            if (!families.TryGetValue(name, out var family)) families[name] = family = new(name, unit, kind, metric.Description);
            if (family.Kind == kind) family.Metrics.Add(metric);
        }
        return families.Values;
    }

    private static string? KindOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.LongGauge or MetricType.DoubleGauge or MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic => "gauge",
        MetricType.Histogram => "histogram",
        _ => null,
    };
}
