using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Serialization;

/// <summary>Members of JSON objects as the journal, definitions and views spell them.</summary>
/// <remarks>
/// What a short run writes is written by hand: a serializer's metadata is generic code of another assembly over our types, which
/// cannot be compiled ahead of time and took longer to compile at start than the run itself.
/// </remarks>
internal static class JsonFields
{
    /// <summary>A text; nothing when there is none.</summary>
    public static void TextIfAny(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    public static void NumberIfAny(this Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    public static void NumberOrNull(this Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    public static void TrueIfSo(this Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        if (value) json.WriteBoolean(name, true);
    }

    /// <summary>As <see cref="InstantJson"/> writes it.</summary>
    public static void Instant(this Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset value)
    {
        Span<byte> text = stackalloc byte[InstantJson.Length + 1];
        json.WriteString(name, InstantJson.Format(value, text));
    }

    public static void InstantIfAny(this Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is { } instant) json.Instant(name, instant);
    }

    public static void InstantOrNull(this Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is { } instant) json.Instant(name, instant);
        else json.WriteNull(name);
    }

    public static void Texts(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string> values)
    {
        json.WriteStartArray(name);
        if (!values.IsDefault)
            foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    public static void Ids(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<TaskId> values)
    {
        json.WriteStartArray(name);
        if (!values.IsDefault)
            foreach (var value in values) json.WriteStringValue(value.ToString());
        json.WriteEndArray();
    }

    public static void Texts(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableSortedDictionary<string, string> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values) json.WriteString(key, value);
        json.WriteEndObject();
    }

    /// <summary>As <see cref="DurationText"/> spells it; nothing when there is none.</summary>
    public static void Duration(this Utf8JsonWriter json, ReadOnlySpan<byte> name, TimeSpan? value)
    {
        if (value is { } duration) json.WriteString(name, DurationText.Format(duration));
    }

    /// <summary>A free JSON value; nothing when there is none.</summary>
    public static void ValueIfAny(this Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement? value)
    {
        if (value is not { } any) return;
        json.WritePropertyName(name);
        any.WriteTo(json);
    }

    /// <summary>An object of free JSON values.</summary>
    public static void Values(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableSortedDictionary<string, JsonElement> values)
    {
        json.WriteStartObject(name);
        if (!values.IsEmpty)
            foreach (var (key, value) in values)
            {
                json.WritePropertyName(key);
                value.WriteTo(json);
            }
        json.WriteEndObject();
    }
}
