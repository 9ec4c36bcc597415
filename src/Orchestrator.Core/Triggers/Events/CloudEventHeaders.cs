using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Serialization;
using Orchestrator.Core.Triggers.Http;

namespace Orchestrator.Core.Triggers.Events;

/// <summary>An event whose attributes are headers and whose data is the body (CloudEvents HTTP binding, binary mode).</summary>
internal static class CloudEventHeaders
{
    private const string Prefix = "ce-";
    private static readonly string[] s_texts = ["specversion", "id", "source", "type", "subject", "time", "dataschema"];

    /// <param name="mediaType">Type of the body, without parameters.</param>
    public static CloudEventsRead Read(HttpRequestFacts request, string mediaType)
    {
        var (texts, problems) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<string>());
        var extensions = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (header, value) in request.Headers)
        {
            if (!header.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            var name = header[Prefix.Length..];
            if (Decode(value) is not { } text) problems.Add($"The header '{header}' is not percent-encoded UTF-8.");
            else if (s_texts.Contains(name, StringComparer.Ordinal)) texts[name] = text;
            else if (CloudEventRules.IsName(name) && name != "datacontenttype" && text.Length <= CloudEventRules.MaxText)
                extensions[name] = JsonSerializer.SerializeToElement(text, TextJson.Default.String);
            else problems.Add($"The header '{header}' is not an attribute of an event: names are lower-case letters and digits, and the type of the data is Content-Type.");
        }
        if (request.Header("content-type") is { Length: > 0 } type) texts["datacontenttype"] = type;
        var (data, base64) = Data(request.Body, mediaType, problems);
        return CloudEventRules.Make(texts, extensions.ToImmutable(), "", problems) is { } made && problems.Count == 0
            ? new([made with { Data = data, DataBase64 = base64 }], []) : new([], [.. problems]);
    }

    private static (JsonElement? Data, string? Base64) Data(ReadOnlyMemory<byte> body, string mediaType, List<string> problems)
    {
        if (body.IsEmpty) return (null, null);
        if (mediaType is "application/json" || mediaType.EndsWith("+json", StringComparison.Ordinal))
        {
            if (JsonBounds.Fault(body.Span) is { } fault) problems.Add(CloudEventRules.OfBody(fault));
            else
                try { return (JsonBounds.Parse(body.Span), null); }
                catch (JsonException) { problems.Add($"The body is not valid JSON, which its type {mediaType} says."); }
            return (null, null);
        }
        try
        {
            if (mediaType.StartsWith("text/", StringComparison.Ordinal) || mediaType is "application/xml" || mediaType.EndsWith("+xml", StringComparison.Ordinal))
                return (JsonSerializer.SerializeToElement(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.Span), TextJson.Default.String), null);
        }
        catch (ArgumentException) { }   // text in another encoding is bytes here
        return (null, Convert.ToBase64String(body.Span));
    }

    // The binding's own rule: what is no printable ASCII is percent-encoded, and quotes around the whole may be there.
    private static string? Decode(string value)
    {
        if (value is ['"', .., '"'] and { Length: >= 2 })
            value = value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal);
        if (!value.Contains('%', StringComparison.Ordinal)) return value;
        var text = Uri.UnescapeDataString(value);
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? null : text;
    }
}
