using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Core.Expressions;

/// <summary>What a value is.</summary>
public enum ExpressionKind
{
    /// <summary>No value.</summary>
    Null,
    /// <summary>true or false.</summary>
    Boolean,
    /// <summary>A number: decimal arithmetic of 28 digits, and as text what was written (7e3, or an id of 40 digits).</summary>
    Number,
    /// <summary>A text.</summary>
    String,
    /// <summary>A list.</summary>
    List,
    /// <summary>A JSON object.</summary>
    Object,
}

/// <summary>A value of the expression language: JSON's kinds, with decimal numbers so that 64-bit ids and prices stay exact. Immutable.</summary>
public readonly struct ExpressionValue : IEquatable<ExpressionValue>
{
    // A string; an array of values or a JsonElement for lists; a JsonElement or a dictionary of them for objects; the JsonElement of a number whose
    // spelling (3.10e0) or size (40 digits) a decimal does not keep.
    private readonly object? _content;
    private readonly decimal _number;

    private ExpressionValue(ExpressionKind kind, object? content, decimal number = 0) => (Kind, _content, _number) = (kind, content, number);

    /// <summary>No value; also what <c>default</c> is.</summary>
    public static ExpressionValue Null => default;

    /// <summary>true.</summary>
    public static ExpressionValue True => new(ExpressionKind.Boolean, null, 1);

    /// <summary>false.</summary>
    public static ExpressionValue False => new(ExpressionKind.Boolean, null);

    /// <summary>What the value is.</summary>
    public ExpressionKind Kind { get; }

    /// <summary>Whether it is true; false for everything that is not a boolean.</summary>
    public bool IsTrue => Kind == ExpressionKind.Boolean && _number != 0;

    /// <summary>A boolean.</summary>
    public static ExpressionValue From(bool value) => value ? True : False;

    /// <summary>A number.</summary>
    public static ExpressionValue From(decimal value) => new(ExpressionKind.Number, null, value);

    /// <summary>A text.</summary>
    /// <exception cref="ExpressionException">It is longer than <see cref="ExpressionLimits.ResultLength"/>.</exception>
    public static ExpressionValue From(string value) => value.Length <= ExpressionLimits.ResultLength
        ? new(ExpressionKind.String, value)
        : throw new ExpressionException($"A text is longer than {ExpressionLimits.ResultLength} characters.");

    /// <summary>A list.</summary>
    /// <exception cref="ExpressionException">It is longer than <see cref="ExpressionLimits.ListLength"/>.</exception>
    public static ExpressionValue From(ReadOnlySpan<ExpressionValue> items) => new(ExpressionKind.List, Bounded(items.Length, items.ToArray()));

    /// <summary>The value of a JSON element, which must stay alive (not of a disposed document).</summary>
    /// <exception cref="ExpressionException">A list or text over the bounds.</exception>
    public static ExpressionValue FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.String => From(json.GetString()!),
        JsonValueKind.Number => OfNumber(json),
        JsonValueKind.Array => new(ExpressionKind.List, Bounded(json.GetArrayLength(), json)),
        JsonValueKind.Object => new(ExpressionKind.Object, json),
        _ => Null,
    };

    /// <summary>The value as JSON.</summary>
    /// <exception cref="ExpressionException">It is larger than <see cref="ExpressionLimits.ResultLength"/>.</exception>
    public JsonElement ToJson() => _content is JsonElement json ? json : JsonText.Parse(JsonText.Bytes(this));

    /// <summary>The value as text: a string as it is, null as empty, numbers and booleans as in JSON, lists and objects as JSON.</summary>
    /// <exception cref="ExpressionException">It is longer than <see cref="ExpressionLimits.ResultLength"/>.</exception>
    public string ToText() => Kind switch
    {
        ExpressionKind.Null => "",
        ExpressionKind.Boolean => IsTrue ? "true" : "false",
        ExpressionKind.Number => _content is JsonElement written ? written.GetRawText() : _number.ToString(CultureInfo.InvariantCulture),
        ExpressionKind.String => (string)_content!,
        _ => JsonText.Of(this),
    };

    /// <summary>Same kind and same content; lists and objects compare by theirs.</summary>
    public bool Equals(ExpressionValue other)
    {
        if (Kind != other.Kind) return false;
        switch (Kind)
        {
            case ExpressionKind.String:
                return (string)_content! == (string)other._content!;
            case ExpressionKind.List:
                if (_content is JsonElement a && other._content is JsonElement b) return JsonElement.DeepEquals(a, b);
                return Items().AsSpan().SequenceEqual(other.Items());
            case ExpressionKind.Object:
                return JsonElement.DeepEquals(ToJson(), other.ToJson());
            case ExpressionKind.Number when _content is JsonElement || other._content is JsonElement:
                return JsonElement.DeepEquals(ToJson(), other.ToJson());
            default:
                return _number == other._number;
        }
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ExpressionValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind is ExpressionKind.List or ExpressionKind.Object
        ? (int)Kind : HashCode.Combine(Kind, _content as string, _number);

    /// <summary>The kind, never the content: a value may be a secret.</summary>
    public override string ToString() => KindName;

    /// <inheritdoc cref="Equals(ExpressionValue)"/>
    public static bool operator ==(ExpressionValue left, ExpressionValue right) => left.Equals(right);

    /// <summary>Not <see cref="Equals(ExpressionValue)"/>.</summary>
    public static bool operator !=(ExpressionValue left, ExpressionValue right) => !left.Equals(right);

    internal static ExpressionValue FromMembers(IReadOnlyDictionary<string, JsonElement> members) => new(ExpressionKind.Object, members);

    internal string KindName => Kind.ToString().ToLowerInvariant();

    /// <exception cref="ExpressionException">It is too large to calculate with.</exception>
    internal decimal Number => _content is JsonElement json && !json.TryGetDecimal(out _) ? throw Operators.TooLarge() : _number;

    internal string Text => (string)_content!;

    /// <summary>Length of a list, members of an object, 0 for the rest.</summary>
    internal int Count => (Kind, _content) switch
    {
        (ExpressionKind.List, JsonElement json) => json.GetArrayLength(),
        (ExpressionKind.List, ExpressionValue[] items) => items.Length,
        (ExpressionKind.Object, JsonElement json) => json.GetPropertyCount(),
        (ExpressionKind.Object, IReadOnlyDictionary<string, JsonElement> members) => members.Count,
        _ => 0,
    };

    /// <summary>The elements of a list; do not change the array.</summary>
    internal ExpressionValue[] Items() => _content switch
    {
        ExpressionValue[] items => items,
        JsonElement json => [.. json.EnumerateArray().Select(FromJson)],
        _ => [],
    };

    internal ExpressionValue Item(int index) => _content is JsonElement json ? FromJson(json[index]) : ((ExpressionValue[])_content!)[index];

    internal bool TryGetMember(string name, out ExpressionValue value)
    {
        var found = default(JsonElement);
        var has = _content switch
        {
            JsonElement json => json.TryGetProperty(name, out found),
            IReadOnlyDictionary<string, JsonElement> members => members.TryGetValue(name, out found),
            _ => false,
        };
        value = has ? FromJson(found) : default;
        return has;
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind, _content)
        {
            case (ExpressionKind.Null, _): writer.WriteNullValue(); break;
            case (ExpressionKind.Boolean, _): writer.WriteBooleanValue(IsTrue); break;
            case (ExpressionKind.Number, null): writer.WriteNumberValue(_number); break;
            case (ExpressionKind.String, _): writer.WriteStringValue(Text); break;
            case (_, JsonElement json): json.WriteTo(writer); break;
            case (_, ExpressionValue[] items):
                writer.WriteStartArray();
                foreach (var item in items) item.WriteTo(writer);
                writer.WriteEndArray();
                break;
            case (_, IReadOnlyDictionary<string, JsonElement> members):
                writer.WriteStartObject();
                foreach (var (name, value) in members.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
                writer.WriteEndObject();
                break;
        }
    }

    private static ExpressionValue OfNumber(JsonElement json)
    {
        var isExact = json.TryGetDecimal(out var number);
        return isExact && IsSpelled(number, json) ? From(number) : new(ExpressionKind.Number, json, number);
    }

    private static bool IsSpelled(decimal number, JsonElement json)
    {
        Span<char> digits = stackalloc char[32];
        return number.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture) && json.GetRawText().AsSpan().SequenceEqual(digits[..length]);
    }

    private static T Bounded<T>(int length, T list) => length <= ExpressionLimits.ListLength
        ? list : throw new ExpressionException($"A list is longer than {ExpressionLimits.ListLength} elements.");
}
