using System.Collections;
using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace Orchestrator.Engine.Telemetry.Prometheus;

/// <summary>Labels as they stand between braces: of a scope, of a point, of a resource.</summary>
internal static class LabelText
{
    /// <summary>The scope's own labels, each followed by a comma.</summary>
    public static string OfScope(Metric metric)
    {
        var text = new StringBuilder();
        Add(text, "otel_scope_name", metric.MeterName);
        if (metric.MeterVersion is { Length: > 0 } version) Add(text, "otel_scope_version", version);
        if (metric.MeterSchemaUrl is { Length: > 0 } schema) Add(text, "otel_scope_schema_url", schema);
        return text.ToString();
    }

    /// <summary>Attributes under Prometheus' names, each followed by a comma. Two that become one name become one label with both values.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, object?>> attributes)
    {
        var labels = new List<(string Name, string Value)>();
        foreach (var (key, value) in attributes)
        {
            var name = PrometheusName.Label(key);
            var same = labels.FindIndex(l => l.Name == name);
            if (same < 0) labels.Add((name, Value(value)));
            else labels[same] = (name, $"{labels[same].Value};{Value(value)}");
        }
        var text = new StringBuilder();
        foreach (var (name, value) in labels) Add(text, name, value);
        return text.ToString();
    }

    public static void Escape(StringBuilder into, string text, bool quotes)
    {
        foreach (var c in text)
            switch (c)
            {
                case '\\': into.Append(@"\\"); break;
                case '\n': into.Append(@"\n"); break;
                case '"' when quotes: into.Append("\\\""); break;
                default: into.Append(c); break;
            }
    }

    private static void Add(StringBuilder text, string name, string value)
    {
        text.Append(name).Append("=\"");
        Escape(text, value, quotes: true);
        text.Append("\",");
    }

    private static string Value(object? value) => value switch
    {
        null => "",
        string s => s,
        bool b => b ? "true" : "false",
        IEnumerable many => string.Join(';', many.Cast<object?>().Select(Value)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
