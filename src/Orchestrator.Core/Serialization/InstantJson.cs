using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Serialization;

/// <summary>Instants as <c>2026-01-01T00:00:00.000000Z</c>: UTC, always six digits, so that text sorts as time does.</summary>
internal sealed class InstantJson : JsonConverter<DateTimeOffset>
{
    public const int Length = 27;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[Length + 1];
        writer.WriteStringValue(Format(value, text));
    }

    /// <summary>Writes into <paramref name="text"/> (28 bytes) and returns the 27 that count.</summary>
    public static ReadOnlySpan<byte> Format(DateTimeOffset value, Span<byte> text)
    {
        // "O" of a UTC DateTime has seven digits and is much faster than a custom format; the seventh is cut off.
        value.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[Length - 1] = (byte)'Z';
        return text[..Length];
    }
}
