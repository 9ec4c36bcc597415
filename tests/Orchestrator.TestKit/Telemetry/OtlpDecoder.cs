namespace Orchestrator.TestKit.Telemetry;

/// <summary>Decodes OTLP export requests (opentelemetry-proto 1.x) into flat records.</summary>
public static class OtlpDecoder
{
    public static IReadOnlyList<ReceivedSpan> Traces(byte[] request) => Flatten<ReceivedSpan>(request, Span);

    public static IReadOnlyList<ReceivedLog> Logs(byte[] request) => Flatten<ReceivedLog>(request, Log);

    public static IReadOnlyList<ReceivedPoint> Metrics(byte[] request) =>
        [.. Flatten<List<ReceivedPoint>>(request, static (m, scope, _) => MetricDecoder.Points(m, scope)).SelectMany(p => p)];

    /// <summary>Which process sent the request: its instance id and process id.</summary>
    public static string Process(byte[] request) => string.Join(' ', Flatten<string>(request, static (_, _, resource) =>
        $"{resource.Text("service.instance.id")} {resource.Text("process.pid")}").Distinct());

    public static Attributes Attribute(ReadOnlySpan<byte> keyValue, Attributes into)
    {
        var r = new WireReader(keyValue);
        string key = "";
        object? value = null;
        while (r.Next())
        {
            if (r.Field == 1) key = r.Text;
            if (r.Field == 2) value = Value(r.Bytes);
        }
        into[key] = value;
        return into;
    }

    private delegate T Item<T>(ReadOnlySpan<byte> message, string scope, Attributes resource);

    // All three signals nest the same way: request.1 = resource group, group.1 = resource, group.2 = scope group, scope group.1 = scope, .2 = items.
    private static List<T> Flatten<T>(ReadOnlySpan<byte> request, Item<T> item)
    {
        var items = new List<T>();
        var groups = new WireReader(request);
        while (groups.Next())
        {
            var resource = new Attributes();
            var group = new WireReader(groups.Bytes);
            while (group.Next())
            {
                if (group.Field == 1) ReadAttributes(group.Bytes, 1, resource);
                if (group.Field == 2) ReadScope(group.Bytes, resource, item, items);
            }
        }
        return items;
    }

    private static void ReadScope<T>(ReadOnlySpan<byte> message, Attributes resource, Item<T> item, List<T> into)
    {
        var name = "";
        var r = new WireReader(message);
        while (r.Next())
        {
            if (r.Field == 1)
            {
                var scope = new WireReader(r.Bytes);
                while (scope.Next())
                    if (scope.Field == 1) name = scope.Text;
            }
            if (r.Field == 2) into.Add(item(r.Bytes, name, resource));
        }
    }

    private static void ReadAttributes(ReadOnlySpan<byte> message, int field, Attributes into)
    {
        var r = new WireReader(message);
        while (r.Next())
            if (r.Field == field) Attribute(r.Bytes, into);
    }

    private static ReceivedSpan Span(ReadOnlySpan<byte> message, string scope, Attributes resource)
    {
        string trace = "", id = "", parent = "", name = "", status = "", state = "";
        var (kind, code) = (SpanKind.Unspecified, SpanStatus.Unset);
        DateTimeOffset start = default, end = default;
        var attributes = new Attributes();
        var links = new List<ReceivedLink>();
        var events = new List<ReceivedMoment>();
        var r = new WireReader(message);
        while (r.Next())
            switch (r.Field)
            {
                case 1: trace = r.Hex; break;
                case 2: id = r.Hex; break;
                case 3: state = r.Text; break;
                case 4: parent = r.Hex; break;
                case 5: name = r.Text; break;
                case 6: kind = (SpanKind)r.Integer; break;
                case 7: start = r.Time; break;
                case 8: end = r.Time; break;
                case 9: Attribute(r.Bytes, attributes); break;
                case 11: events.Add(Moment(r.Bytes)); break;
                case 13: links.Add(Link(r.Bytes)); break;
                case 15:
                    var s = new WireReader(r.Bytes);
                    while (s.Next())
                    {
                        if (s.Field == 2) status = s.Text;
                        if (s.Field == 3) code = (SpanStatus)s.Integer;
                    }
                    break;
            }
        return new(scope, trace, id, parent, name, kind, start, end, attributes, code, status, links, events, resource, state);
    }

    private static ReceivedLink Link(ReadOnlySpan<byte> message)
    {
        string trace = "", id = "";
        var attributes = new Attributes();
        var r = new WireReader(message);
        while (r.Next())
            switch (r.Field)
            {
                case 1: trace = r.Hex; break;
                case 2: id = r.Hex; break;
                case 4: Attribute(r.Bytes, attributes); break;
            }
        return new(trace, id, attributes);
    }

    private static ReceivedMoment Moment(ReadOnlySpan<byte> message)
    {
        var name = "";
        DateTimeOffset time = default;
        var attributes = new Attributes();
        var r = new WireReader(message);
        while (r.Next())
            switch (r.Field)
            {
                case 1: time = r.Time; break;
                case 2: name = r.Text; break;
                case 3: Attribute(r.Bytes, attributes); break;
            }
        return new(name, time, attributes);
    }

    private static ReceivedLog Log(ReadOnlySpan<byte> message, string scope, Attributes resource)
    {
        string name = "", severity = "", body = "", trace = "", span = "";
        var number = 0;
        DateTimeOffset time = default;
        var attributes = new Attributes();
        var r = new WireReader(message);
        while (r.Next())
            switch (r.Field)
            {
                case 1: time = r.Time; break;
                case 2: number = (int)r.Integer; break;
                case 3: severity = r.Text; break;
                case 5: body = Value(r.Bytes)?.ToString() ?? ""; break;
                case 6: Attribute(r.Bytes, attributes); break;
                case 9: trace = r.Hex; break;
                case 10: span = r.Hex; break;
                case 12: name = r.Text; break;
            }
        return new(scope, name, number, severity, body, trace, span, attributes, resource, time);
    }

    private static object? Value(ReadOnlySpan<byte> message)
    {
        object? value = null;
        var r = new WireReader(message);
        while (r.Next())
            value = r.Field switch
            {
                1 => r.Text,
                2 => r.Integer != 0,
                3 => r.Integer,
                4 => r.Double,
                5 => List(r.Bytes),
                _ => r.Hex,
            };
        return value;
    }

    private static List<object?> List(ReadOnlySpan<byte> message)
    {
        var values = new List<object?>();
        var r = new WireReader(message);
        while (r.Next()) values.Add(Value(r.Bytes));
        return values;
    }
}
