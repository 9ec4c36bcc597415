using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace Orchestrator.Engine.Telemetry.Prometheus;

/// <summary>
/// Writes families as Prometheus' text format 0.0.4 or as OpenMetrics 1.0. Names and label values are the same in both, bounds of buckets included, so that
/// a scraper that changes its mind does not see new series; only OpenMetrics has units and exemplars.
/// </summary>
internal sealed class ExpositionText(bool openMetrics)
{
    private readonly StringBuilder _text = new(16 << 10);

    public void Target(IEnumerable<KeyValuePair<string, object>> resource)
    {
        _text.Append(openMetrics ? "# TYPE target info\n# HELP target Who this is.\n" : "# HELP target_info Who this is.\n# TYPE target_info gauge\n");
        Sample("target_info", LabelText.Of(resource.Select(a => KeyValuePair.Create(a.Key, (object?)a.Value))));
        _text.Append("1\n");
    }

    public void Family(MetricFamily family)
    {
        // The text format knows a counter by the name of its samples, OpenMetrics without the suffix.
        var counter = family.Name + "_total";
        var header = family.Kind == "counter" && !openMetrics ? counter : family.Name;
        if (!openMetrics) Help(header, family.Help);
        _text.Append("# TYPE ").Append(header).Append(' ').Append(family.Kind).Append('\n');
        if (openMetrics && family.Unit.Length > 0) _text.Append("# UNIT ").Append(header).Append(' ').Append(family.Unit).Append('\n');
        if (openMetrics) Help(header, family.Help);

        foreach (var metric in family.Metrics)
        {
            var scope = LabelText.OfScope(metric);
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var tags = new List<KeyValuePair<string, object?>>(point.Tags.Count);
                foreach (var tag in point.Tags) tags.Add(tag);
                var labels = LabelText.Of(tags) + scope;
                if (metric.MetricType == MetricType.Histogram) Histogram(family.Name, labels, in point);
                else
                {
                    Sample(family.Kind == "counter" ? counter : family.Name, labels);
                    _text.Append(ValueOf(metric.MetricType, in point));
                    if (family.Kind == "counter") Exemplar(in point, isLong: metric.MetricType == MetricType.LongSum, above: double.NegativeInfinity, upTo: double.PositiveInfinity);
                    _text.Append('\n');
                }
            }
        }
    }

    public string End() => openMetrics ? _text.Append("# EOF\n").ToString() : _text.ToString();

    private void Help(string name, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ');
        LabelText.Escape(_text, help.Length > 0 ? help : "Not described.", quotes: openMetrics);
        _text.Append('\n');
    }

    private void Histogram(string name, string labels, in MetricPoint point)
    {
        var (total, below) = (0L, double.NegativeInfinity);
        foreach (var bucket in point.GetHistogramBuckets())
        {
            total += bucket.BucketCount;
            Sample(name + "_bucket", $"{labels}le=\"{Bound(bucket.ExplicitBound)}\",");
            _text.Append(total.ToString(CultureInfo.InvariantCulture));
            Exemplar(in point, isLong: false, below, bucket.ExplicitBound);
            _text.Append('\n');
            below = bucket.ExplicitBound;
        }
        Sample(name + "_sum", labels);
        _text.Append(Number(point.GetHistogramSum())).Append('\n');
        Sample(name + "_count", labels);
        _text.Append(point.GetHistogramCount().ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>The newest measurement kept as an example between two bounds.</summary>
    private void Exemplar(in MetricPoint point, bool isLong, double above, double upTo)
    {
        if (!openMetrics || !point.TryGetExemplars(out var all)) return;
        Exemplar? newest = null;
        var found = 0.0;
        foreach (ref readonly var one in all)
        {
            var value = isLong ? one.LongValue : one.DoubleValue;
            if (one.TraceId == default || value <= above || value > upTo || newest?.Timestamp > one.Timestamp) continue;
            (newest, found) = (one, value);
        }
        if (newest is not { } example) return;
        _text.Append(CultureInfo.InvariantCulture, $" # {{trace_id=\"{example.TraceId.ToHexString()}\",span_id=\"{example.SpanId.ToHexString()}\"}} {Number(found)} ");
        _text.Append(CultureInfo.InvariantCulture, $"{example.Timestamp.ToUnixTimeMilliseconds() / 1000.0:0.000}");
    }

    private void Sample(string name, string labels)
    {
        _text.Append(name);
        if (labels.Length > 0) _text.Append('{').Append(labels, 0, labels.Length - 1).Append('}');
        _text.Append(' ');
    }

    private static string ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong().ToString(CultureInfo.InvariantCulture),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => Number(point.GetSumDouble()),
        MetricType.LongGauge => point.GetGaugeLastValueLong().ToString(CultureInfo.InvariantCulture),
        _ => Number(point.GetGaugeLastValueDouble()),
    };

    private static string Bound(double bound)
    {
        var text = Number(bound);
        return text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 ? text + ".0" : text;
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
