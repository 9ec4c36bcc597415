using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers.Events;

/// <summary>An event as CloudEvents 1.0 describes one: posted, or one of this program's own.</summary>
/// <param name="Id">Together with the source, what makes it the same event when it comes again.</param>
/// <param name="Source">Where it happened.</param>
/// <param name="Type">What happened.</param>
public sealed record CloudEvent(string Id, string Source, string Type)
{
    /// <summary>What it is about.</summary>
    public string? Subject { get; init; }

    /// <summary>When it happened, as its sender wrote it (RFC 3339).</summary>
    public string? Time { get; init; }

    /// <summary>Media type of the data.</summary>
    public string? DataContentType { get; init; }

    /// <summary>Schema of the data.</summary>
    public string? DataSchema { get; init; }

    /// <summary>The data, JSON or text; null: none, or bytes.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Data that is neither JSON nor text, in base64.</summary>
    public string? DataBase64 { get; init; }

    /// <summary>Other attributes: texts, numbers, booleans.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Extensions { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The id of its delivery to any trigger: its source and id. A source has no space, so no two events share it.</summary>
    public string DeliveryId => $"{Source} {Id}" is { Length: <= TriggerBinding.MaxDeliveryId } readable && !readable.Any(HiddenCharacters.Contains) ? readable
        : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Source} {Id}")));

    /// <summary>The trace it belongs to by the extension for distributed tracing; null: it says none.</summary>
    public TraceStamp? Trace => Text("traceparent") is { } parent ? TraceContexts.Inbound(parent, Text("tracestate")) : null;

    /// <summary>Its correlation id by the extension of that name; null: it has none that can be kept.</summary>
    public string? CorrelationId => Text("correlationid") is { } id && VisibleAscii.Is(id, 200) ? id : null;

    /// <summary>What <c>trigger</c> is: kind, id, delivery_id, received_at, event.</summary>
    public JsonElement ToFacts(string trigger, string deliveryId, DateTimeOffset receivedAt) =>
        TriggerFacts.Of(TriggerSource.Event, trigger, deliveryId, receivedAt, json =>
        {
            json.WriteStartObject("event");
            json.WriteString("id", Id);
            json.WriteString("source", Source);
            json.WriteString("type", Type);
            json.WriteString("subject", Subject);
            json.WriteString("time", Time);
            json.WriteString("datacontenttype", DataContentType);
            json.WriteString("dataschema", DataSchema);
            json.WritePropertyName("data");
            if (Data is { } data) data.WriteTo(json);
            else json.WriteNullValue();
            if (DataBase64 is not null) json.WriteString("data_base64", DataBase64);
            foreach (var (name, value) in Extensions)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
            json.WriteEndObject();
        });

    private string? Text(string extension) => Extensions.TryGetValue(extension, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
