using System.Globalization;
using System.Text.Json;
using Orchestrator.TestKit.Telemetry;

namespace Orchestrator.TestKit.Aspire;

/// <summary>Reads the OTLP JSON of the dashboard's API.</summary>
internal static class AspireJson
{
    public static IReadOnlyList<ReceivedSpan> Spans(JsonElement answer) =>
    [
        .. from resource in List(answer.GetProperty("data"), "resourceSpans")
        let who = Attributes(resource.GetProperty("resource"))
        from scope in List(resource, "scopeSpans")
        let name = scope.TryGetProperty("scope", out var s) ? Text(s, "name") : ""
        from span in List(scope, "spans")
        select Span(span, name, who),
    ];

    private static ReceivedSpan Span(JsonElement span, string scope, Attributes resource)
    {
        var status = span.TryGetProperty("status", out var s) ? s : default;
        return new(scope, Text(span, "traceId"), Text(span, "spanId"), Text(span, "parentSpanId"), Text(span, "name"), (SpanKind)Number(span, "kind"),
            Time(span, "startTimeUnixNano"), Time(span, "endTimeUnixNano"), Attributes(span),
            status.ValueKind == JsonValueKind.Object ? (SpanStatus)Number(status, "code") : SpanStatus.Unset, status.ValueKind == JsonValueKind.Object ? Text(status, "message") : "",
            [.. List(span, "links").Select(l => new ReceivedLink(Text(l, "traceId"), Text(l, "spanId"), Attributes(l)))],
            [.. List(span, "events").Select(e => new ReceivedMoment(Text(e, "name"), Time(e, "timeUnixNano"), Attributes(e)))], resource, Text(span, "traceState"));
    }

    private static Attributes Attributes(JsonElement of)
    {
        var attributes = new Attributes();
        foreach (var pair in List(of, "attributes")) attributes[Text(pair, "key")] = Value(pair.GetProperty("value"));
        return attributes;
    }

    // It keeps texts, whatever type was sent.
    private static string? Value(JsonElement value) => value.TryGetProperty("stringValue", out var text) ? text.GetString() : null;

    private static IEnumerable<JsonElement> List(JsonElement of, string name) =>
        of.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : Enumerable.Empty<JsonElement>();

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";

    private static int Number(JsonElement of, string name) => of.TryGetProperty(name, out var number) ? int.Parse(number.ToString(), CultureInfo.InvariantCulture) : 0;

    private static DateTimeOffset Time(JsonElement of, string name) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(ulong.Parse(of.GetProperty(name).ToString(), CultureInfo.InvariantCulture) / 100));
}
