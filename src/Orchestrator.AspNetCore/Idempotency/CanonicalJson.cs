using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.AspNetCore.Idempotency;

/// <summary>One text for all ways to write a JSON value: no white space, members sorted. What is no JSON stays as it is.</summary>
internal static class CanonicalJson
{
    public static string Of(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length == 0) return "{}";   // no body asks for the same as an empty one
        if (JsonBounds.Fault(utf8.Span, JsonBounds.MaxStoredDepth) is not null) return Convert.ToBase64String(utf8.Span);   // it is refused whatever its key
        try
        {
            using var document = JsonDocument.Parse(utf8, JsonBounds.Documents);
            var buffer = new ArrayBufferWriter<byte>(utf8.Length);
            using (var writer = new Utf8JsonWriter(buffer)) Write(writer, document.RootElement);
            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
        catch (JsonException)
        {
            return Convert.ToBase64String(utf8.Span);
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
