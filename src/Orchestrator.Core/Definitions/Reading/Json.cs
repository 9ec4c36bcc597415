using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Turns free values (`metadata`, `with`, parameter values) into JSON: keys sorted, numbers as they are written.</summary>
internal static class Json
{
    public static JsonElement Of(SourceNode node)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes)) Write(writer, node);
        return Parse(bytes.WrittenSpan);
    }

    public static JsonElement Of(string text)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes)) writer.WriteStringValue(text);
        return Parse(bytes.WrittenSpan);
    }

    public static JsonElement Of(long number) => Parse(System.Text.Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    public static JsonElement Of(double number)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes)) writer.WriteNumberValue(number);
        return Parse(bytes.WrittenSpan);
    }

    public static JsonElement Of(bool flag) => Parse(flag ? "true"u8 : "false"u8);

    /// <summary>The number a text spells, digit for digit: 3.10 stays 3.10. Null where it is no JSON number.</summary>
    public static JsonElement? Number(string text) => IsNumber(text) ? Parse(System.Text.Encoding.UTF8.GetBytes(text)) : null;

    /// <summary>Whether a plain scalar is a number; others are text.</summary>
    public static bool IsNumber(SourceScalar scalar) => scalar.Form != ScalarForm.Quoted && IsNumber(scalar.Text);

    // JSON's own grammar: `007` and `+1` are labels more often than numbers, `1_000` and `0x1F` are text, and what JSON cannot spell would lose its spelling.
    private static bool IsNumber(string text)
    {
        var rest = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        var whole = Digits(rest);
        if (whole == 0 || whole > 1 && rest[0] == '0') return false;
        rest = rest[whole..];
        if (rest is ['.', ..])
        {
            var decimals = Digits(rest[1..]);
            if (decimals == 0) return false;
            rest = rest[(1 + decimals)..];
        }
        if (rest is ['e' or 'E', ..])
        {
            rest = rest[(rest is [_, '+' or '-', ..] ? 2 : 1)..];
            return rest.Length > 0 && Digits(rest) == rest.Length;
        }
        return rest.IsEmpty;
    }

    private static int Digits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;

    private static void Write(Utf8JsonWriter writer, SourceNode node)
    {
        switch (node)
        {
            case SourceList list:
                writer.WriteStartArray();
                foreach (var item in list.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case SourceMap map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries.OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }
                writer.WriteEndObject();
                break;
            case SourceScalar scalar: Write(writer, scalar); break;
        }
    }

    private static void Write(Utf8JsonWriter writer, SourceScalar scalar)
    {
        if (scalar.IsNothing) writer.WriteNullValue();
        else if (scalar.AsFlag is { } flag) writer.WriteBooleanValue(flag);
        else if (IsNumber(scalar)) writer.WriteRawValue(scalar.Text);
        else writer.WriteStringValue(scalar.Text);
    }

    private static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonBounds.Reading);
        return JsonElement.ParseValue(ref reader);
    }
}
