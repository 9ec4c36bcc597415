using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Turns free values (`metadata`, `with`, parameter values) into JSON of one spelling, so that equal values have equal bytes.</summary>
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

    /// <summary>Whole numbers as themselves, others as the shortest decimal that means the same; false where a plain scalar is text.</summary>
    public static bool TryNumber(SourceScalar scalar, out long whole, out double number)
    {
        (whole, number) = (0, 0);
        if (scalar.Form == ScalarForm.Quoted || scalar.Text.Length == 0 || !LooksLikeNumber(scalar.Text)) return false;
        if (long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))
        {
            number = whole;
            return true;
        }
        return double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }

    // `007` and `+1` are labels more often than numbers; `1_000` and `0x1F` are text as in YAML 1.2's JSON schema.
    private static bool LooksLikeNumber(string text)
    {
        var digits = text[0] == '-' ? text.AsSpan(1) : text;
        return digits.Length > 0 && char.IsAsciiDigit(digits[0]) && !(digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]));
    }

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
        else if (!TryNumber(scalar, out var whole, out var number)) writer.WriteStringValue(scalar.Text);
        else if (number == whole) writer.WriteNumberValue(whole);
        else writer.WriteNumberValue(number);
    }

    private static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonBounds.Reading);
        return JsonElement.ParseValue(ref reader);
    }
}
