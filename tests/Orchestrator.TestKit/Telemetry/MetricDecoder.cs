namespace Orchestrator.TestKit.Telemetry;

/// <summary>Decodes one OTLP metric into its points.</summary>
internal static class MetricDecoder
{
    public static List<ReceivedPoint> Points(ReadOnlySpan<byte> metric, string scope)
    {
        string name = "", unit = "";
        var points = new List<ReceivedPoint>();
        var r = new WireReader(metric);
        while (r.Next())
            switch (r.Field)
            {
                case 1: name = r.Text; break;
                case 3: unit = r.Text; break;
                case 5 or 7: Group(r.Bytes, histogram: false, points); break;   // gauge, sum
                case 9: Group(r.Bytes, histogram: true, points); break;
            }
        return points.ConvertAll(p => p with { Scope = scope, Metric = name, Unit = unit });
    }

    private static void Group(ReadOnlySpan<byte> message, bool histogram, List<ReceivedPoint> into)
    {
        var r = new WireReader(message);
        while (r.Next())
            if (r.Field == 1) into.Add(histogram ? Histogram(r.Bytes) : Number(r.Bytes));
    }

    private static ReceivedPoint Number(ReadOnlySpan<byte> message)
    {
        var attributes = new Attributes();
        double value = 0;
        var exemplars = new List<ReceivedExemplar>();
        var r = new WireReader(message);
        while (r.Next())
            switch (r.Field)
            {
                case 4: value = r.Double; break;
                case 5: exemplars.Add(Exemplar(r.Bytes)); break;
                case 6: value = r.Integer; break;
                case 7: OtlpDecoder.Attribute(r.Bytes, attributes); break;
            }
        return new("", "", "", attributes, value, 0, 0, [], [], exemplars);
    }

    private static ReceivedPoint Histogram(ReadOnlySpan<byte> message)
    {
        var attributes = new Attributes();
        long count = 0;
        double sum = 0;
        long[] buckets = [];
        double[] bounds = [];
        var exemplars = new List<ReceivedExemplar>();
        var r = new WireReader(message);
        while (r.Next())
            switch (r.Field)
            {
                case 4: count = r.Integer; break;
                case 5: sum = r.Double; break;
                case 6: buckets = Array.ConvertAll(r.Packed(), n => (long)n); break;
                case 7: bounds = Array.ConvertAll(r.Packed(), BitConverter.UInt64BitsToDouble); break;
                case 8: exemplars.Add(Exemplar(r.Bytes)); break;
                case 9: OtlpDecoder.Attribute(r.Bytes, attributes); break;
            }
        return new("", "", "", attributes, 0, count, sum, bounds, buckets, exemplars);
    }

    private static ReceivedExemplar Exemplar(ReadOnlySpan<byte> message)
    {
        string trace = "", span = "";
        double value = 0;
        var r = new WireReader(message);
        while (r.Next())
            switch (r.Field)
            {
                case 3: value = r.Double; break;
                case 4: span = r.Hex; break;
                case 5: trace = r.Hex; break;
                case 6: value = r.Integer; break;
            }
        return new(trace, span, value);
    }
}
