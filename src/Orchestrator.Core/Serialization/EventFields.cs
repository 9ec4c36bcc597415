using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>One member of event data for each type that a member can have: what the generated writers call. What is null is left out.</summary>
internal static class EventFields
{
    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, int value) => json.WriteNumber(name, value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, long value) => json.WriteNumber(name, value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, double value) => json.WriteNumber(name, value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value) => json.WriteBoolean(name, value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } flag) json.WriteBoolean(name, flag);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset value) => json.Instant(name, value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? value) => json.InstantIfAny(name, value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, Guid value) => json.WriteString(name, value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, RunId value) => json.WriteString(name, value.Value);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, RunId? value)
    {
        if (value is { } run) json.WriteString(name, run.Value);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, TaskId? value)
    {
        if (value is { } task) json.WriteString(name, task.ToString());
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement? value)
    {
        if (value is { } given) Field(json, name, given);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string> values) => json.Texts(name, values);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string>? values)
    {
        if (values is { } texts) json.Texts(name, texts);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<RunId>? values)
    {
        if (values is not { } runs) return;
        json.WriteStartArray(name);
        foreach (var run in runs) json.WriteStringValue(run.Value);
        json.WriteEndArray();
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<TaskId> values) => json.Ids(name, values);

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableSortedDictionary<string, string>? values)
    {
        if (values is not null) json.Texts(name, values);
    }

    public static void Field(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableSortedDictionary<string, JsonElement>? values)
    {
        if (values is not null) json.Values(name, values);
    }

    public static void Word<TEnum>(Utf8JsonWriter json, ReadOnlySpan<byte> name, TEnum value) where TEnum : struct, Enum => json.WriteString(name, Words.Of(value));

    public static void Word<TEnum>(Utf8JsonWriter json, ReadOnlySpan<byte> name, TEnum? value) where TEnum : struct, Enum
    {
        if (value is { } word) json.WriteString(name, Words.Of(word));
    }
}
