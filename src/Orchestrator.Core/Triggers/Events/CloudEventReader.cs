using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Serialization;
using Orchestrator.Core.Triggers.Http;

namespace Orchestrator.Core.Triggers.Events;

/// <summary>Events that a request holds, or why it holds none.</summary>
/// <param name="Events">The events, in their order; empty where there is a problem.</param>
/// <param name="Problems">What is wrong, a sentence each, naming the event and the attribute.</param>
public sealed record CloudEventsRead(ImmutableArray<CloudEvent> Events, ImmutableArray<string> Problems)
{
    /// <summary>The type of the body is none that holds events.</summary>
    public bool IsOtherType { get; init; }

    internal static CloudEventsRead Wrong(string problem) => new([], [problem]);

    internal static CloudEventsRead OfOtherType(string problem) => new([], [problem]) { IsOtherType = true };
}

/// <summary>
/// Reads requests that hold events: CloudEvents 1.0 over HTTP, structured (<c>application/cloudevents+json</c>), binary (<c>ce-</c> headers) and in batches
/// (<c>application/cloudevents-batch+json</c>), and <c>application/json</c> with the same members, of which only <c>type</c> must be there. Pure.
/// </summary>
public static class CloudEventReader
{
    /// <summary>Most events of a batch.</summary>
    public const int MaxBatch = 100;

    /// <summary>The source of an event that names none.</summary>
    public const string PlainSource = "api";

    /// <summary>The events of a request.</summary>
    /// <param name="request">Headers and body.</param>
    /// <param name="newId">Makes the id of a plain event that has none.</param>
    public static CloudEventsRead Read(HttpRequestFacts request, Func<string> newId)
    {
        var type = MediaTypeOf(request.Header("content-type"));
        if (type.StartsWith("application/cloudevents", StringComparison.Ordinal))
            return type switch
            {
                "application/cloudevents+json" => Structured(request, null),
                "application/cloudevents-batch+json" => Batch(request),
                _ => CloudEventsRead.OfOtherType($"'{type}' is not supported; use application/cloudevents+json or application/cloudevents-batch+json."),
            };
        if (request.Header("ce-specversion") is not null) return CloudEventHeaders.Read(request, type);
        if (type is "application/json" || type.StartsWith("application/", StringComparison.Ordinal) && type.EndsWith("+json", StringComparison.Ordinal))
            return Structured(request, request.Header("idempotency-key") is { Length: > 0 } key ? () => key : newId);
        return CloudEventsRead.OfOtherType("Send application/cloudevents+json, application/cloudevents-batch+json, application/json, or the attributes as ce- headers.");
    }

    internal static string MediaTypeOf(string? header) => (header ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static CloudEventsRead Structured(HttpRequestFacts request, Func<string>? newId)
    {
        if (Document(request.Body.Span, out var problem) is not { } document) return CloudEventsRead.Wrong(problem!);
        if (document.ValueKind == JsonValueKind.Array) return CloudEventsRead.Wrong("The body is a list; send several events as application/cloudevents-batch+json.");
        var problems = new List<string>();
        var read = CloudEventObject.Read(document, "", newId, problems);
        return new(read is null || problems.Count > 0 ? [] : [read], [.. problems]);
    }

    private static CloudEventsRead Batch(HttpRequestFacts request)
    {
        if (Document(request.Body.Span, out var problem) is not { } document) return CloudEventsRead.Wrong(problem!);
        if (document.ValueKind != JsonValueKind.Array) return CloudEventsRead.Wrong("A batch is a list of events.");
        if (document.GetArrayLength() > MaxBatch) return CloudEventsRead.Wrong($"The batch has {document.GetArrayLength()} events; {MaxBatch} are allowed.");
        var (events, problems, at) = (ImmutableArray.CreateBuilder<CloudEvent>(), new List<string>(), 0);
        foreach (var item in document.EnumerateArray())
            if (CloudEventObject.Read(item, $"Event {at++}: ", null, problems) is { } read) events.Add(read);
        return new(problems.Count > 0 ? [] : events.ToImmutable(), [.. problems]);
    }

    private static JsonElement? Document(ReadOnlySpan<byte> body, out string? problem)
    {
        problem = null;
        // A member of an event in a batch is two levels down.
        if (JsonBounds.Fault(body, JsonBounds.MaxDepth + 2) is { } fault) problem = CloudEventRules.OfBody(fault);
        else if (body.IsEmpty) problem = "The body is empty.";
        else
            try { return JsonBounds.Parse(body); }
            catch (JsonException e)
            {
                problem = $"The body is not valid JSON at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}.";
            }
        return null;
    }
}
