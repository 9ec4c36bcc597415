using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Orchestrator.Core.Serialization;

/// <summary>What is wrong with a JSON value, and where in it.</summary>
/// <param name="Path">Names and indexes on the way to it, such as <c>orders[2].id</c>; empty for the value itself.</param>
/// <param name="Problem">What is wrong, to follow "the value": a verb without a full stop.</param>
/// <param name="IsTooDeep">It is too deep; else it holds text that is none.</param>
public readonly record struct JsonFault(string Path, string Problem, bool IsTooDeep = false)
{
    /// <summary>A sentence about the value that <paramref name="what"/> names, such as <c>parameter 'x'</c>.</summary>
    public string Of(string what) => Path.Length == 0 ? $"The value of {what} {Problem}." : $"The value of {what}, at {Path}, {Problem}.";
}

/// <summary>
/// What every value must keep to that comes in from outside, and how deep the program reads what it wrote. A value is checked once, where it
/// comes in; a line, file or body around it adds a few levels, so whatever is read back is read with far more room than any value can need.
/// </summary>
public static class JsonBounds
{
    /// <summary>Most levels of lists and objects in a value: parameters, results, data of signals, items of a fan-out.</summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// Most levels that are read: of journals, archives, reports, files of results, and of bodies and outputs before their values are checked.
    /// </summary>
    public const int MaxStoredDepth = 512;

    /// <summary>How JSON is read.</summary>
    public static JsonReaderOptions Reading => new() { MaxDepth = MaxStoredDepth };

    /// <summary>How JSON is read into documents.</summary>
    public static JsonDocumentOptions Documents => new() { MaxDepth = MaxStoredDepth };

    /// <summary>Reads one value; nothing may follow it.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Reading);
        var value = JsonElement.ParseValue(ref reader);
        return reader.Read() ? throw new JsonException("There is text after the JSON value.") : value;
    }

    /// <summary>Why a value cannot be taken; null when it can.</summary>
    public static JsonFault? Fault(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => new("", "is missing"),
        JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number => null,
        _ => Fault(JsonMarshal.GetRawUtf8Value(value)),
    };

    /// <summary>The first of several values that cannot be taken: its name and why; null when all can.</summary>
    public static (string Name, JsonFault Fault)? Fault(IEnumerable<KeyValuePair<string, JsonElement>> values)
    {
        foreach (var (name, value) in values)
        {
            if (Fault(name) is { } wrong) return (JsonPath.Printable(name), wrong);
            if (Fault(value) is { } fault) return (name, fault);
        }
        return null;
    }

    /// <summary>Why a text cannot be taken; null when it can.</summary>
    public static JsonFault? Fault(string? text)
    {
        for (var i = 0; i < text?.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsSurrogatePair(text, i)) return new("", HalfOfPair);
            i++;
        }
        return null;
    }

    /// <summary>Why JSON cannot be accepted; null when it can, or when it is not JSON at all, which the reader reports.</summary>
    /// <param name="utf8">One value.</param>
    /// <param name="maxDepth">Most levels.</param>
    public static JsonFault? Fault(ReadOnlySpan<byte> utf8, int maxDepth = MaxDepth)
    {
        var isText = Utf8.IsValid(utf8);
        var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (json.Read())
                if (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                {
                    if (json.CurrentDepth >= maxDepth) return new("", $"is nested more than {maxDepth} levels deep", IsTooDeep: true);
                }
                else if (json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    if (!isText && !Utf8.IsValid(json.ValueSpan)) return new(JsonPath.At(utf8, json.TokenStartIndex), "holds bytes that are not UTF-8");
                    if (json.ValueIsEscaped && HoldsHalfOfPair(json.ValueSpan)) return new(JsonPath.At(utf8, json.TokenStartIndex), HalfOfPair);
                }
            return null;
        }
        catch (JsonException) { return null; }
    }

    private const string HalfOfPair = @"holds half of a surrogate pair (such as \ud800 alone), which is not text";

    // An escape is two characters, or six for \u; the reader has checked that.
    private static bool HoldsHalfOfPair(ReadOnlySpan<byte> text)
    {
        for (var i = text.IndexOf((byte)'\\'); i >= 0 && i < text.Length - 1; i++)
        {
            if (text[i] != '\\') continue;
            if (text[++i] != 'u') continue;
            var unit = Unit(text[(i + 1)..]);
            i += 4;
            if (!char.IsSurrogate(unit)) continue;
            if (!char.IsHighSurrogate(unit) || !text[(i + 1)..].StartsWith("\\u"u8) || !char.IsLowSurrogate(Unit(text[(i + 3)..]))) return true;
            i += 6;
        }
        return false;
    }

    private static char Unit(ReadOnlySpan<byte> hex) =>
        hex.Length >= 4 && System.Buffers.Text.Utf8Parser.TryParse(hex[..4], out ushort unit, out var n, 'x') && n == 4 ? (char)unit : '\0';
}
