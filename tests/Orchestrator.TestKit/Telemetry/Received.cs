namespace Orchestrator.TestKit.Telemetry;

/// <summary>Attributes by name; values are string, bool, long, double or a list of them.</summary>
public sealed class Attributes : Dictionary<string, object?>
{
    public string? Text(string name) => TryGetValue(name, out var value) ? value?.ToString() : null;
}

/// <summary>Kinds of spans, as numbered by OTLP.</summary>
public enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>Status codes of spans, as numbered by OTLP.</summary>
public enum SpanStatus
{
    Unset,
    Ok,
    Error,
}

/// <summary>A span as received. Ids are lower-case hex; <paramref name="ParentId"/> is empty for a root.</summary>
public sealed record ReceivedSpan(
    string Scope, string TraceId, string SpanId, string ParentId, string Name, SpanKind Kind, DateTimeOffset Start, DateTimeOffset End,
    Attributes Attributes, SpanStatus Status, string StatusMessage, IReadOnlyList<ReceivedLink> Links, IReadOnlyList<ReceivedMoment> Events,
    Attributes Resource, string TraceState);

/// <summary>A link of a span.</summary>
public sealed record ReceivedLink(string TraceId, string SpanId, Attributes Attributes);

/// <summary>An event of a span.</summary>
public sealed record ReceivedMoment(string Name, DateTimeOffset Time, Attributes Attributes);

/// <summary>One data point of a metric; a histogram has a count, a sum and buckets, anything else a value.</summary>
public sealed record ReceivedPoint(
    string Scope, string Metric, string Unit, Attributes Attributes, double Value, long Count, double Sum,
    IReadOnlyList<double> Bounds, IReadOnlyList<long> Buckets, IReadOnlyList<ReceivedExemplar> Exemplars);

/// <summary>A measurement kept as an example.</summary>
public sealed record ReceivedExemplar(string TraceId, string SpanId, double Value);

/// <summary>A log record as received.</summary>
public sealed record ReceivedLog(
    string Scope, string EventName, int SeverityNumber, string SeverityText, string Body, string TraceId, string SpanId,
    Attributes Attributes, Attributes Resource, DateTimeOffset Time);
