using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Triggers.Http;

/// <summary>A request as a trigger sees it: headers by lower-case name, and the whole body.</summary>
public sealed record HttpRequestFacts(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    // What proves who somebody is has no business in parameters, which are kept with the run.
    private static readonly string[] s_hidden = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-orchestrator-signature", "x-hub-signature", "x-hub-signature-256", "stripe-signature"];

    /// <summary>A header by its lower-case name; null: it is missing.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name.ToLowerInvariant());

    /// <summary>The body read as JSON, or as text where it is no JSON; null where it is neither.</summary>
    public JsonElement? ReadBody()
    {
        if (Body.IsEmpty) return JsonText.Parse("null"u8);
        if (JsonBounds.Fault(Body.Span) is not null) return null;
        try { return JsonBounds.Parse(Body.Span); }
        catch (JsonException) { }
        try { return JsonSerializer.SerializeToElement(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Body.Span), TextJson.Default.String); }
        catch (ArgumentException) { return null; }   // bytes that are no text
    }

    /// <summary>What <c>trigger</c> is: kind, id, delivery_id, received_at, body, headers.</summary>
    public JsonElement ToFacts(TriggerDefinition trigger, string? deliveryId, DateTimeOffset receivedAt, JsonElement body) =>
        TriggerFacts.Of(TriggerSource.Http, trigger.Id, deliveryId, receivedAt, json =>
        {
            json.WritePropertyName("body");
            body.WriteTo(json);
            json.WriteStartObject("headers");
            foreach (var (name, value) in Headers)
                if (!s_hidden.Contains(name) && name != trigger.Http?.Header?.ToLowerInvariant()) json.WriteString(name, value);
            json.WriteEndObject();
        });
}
