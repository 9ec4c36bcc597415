using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Reads one property of a normal form. A property that is missing or null has the value of a new instance, which the caller names; one of
/// the wrong type is a <see cref="JsonException"/> that says which.
/// </summary>
internal static class FormFields
{
    public static bool Has(this JsonElement form, ReadOnlySpan<byte> name, out JsonElement value) =>
        form.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The form is an object, else it is no definition.</summary>
    public static JsonElement AsForm(this JsonElement form) =>
        form.ValueKind == JsonValueKind.Object ? form : throw new JsonException($"An object was expected, not {form.ValueKind}.");

    /// <summary>A property that every instance has.</summary>
    public static JsonElement Must(this JsonElement form, string name) =>
        form.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : throw new JsonException($"The property `{name}` is missing.");

    public static string? Text(this JsonElement form, ReadOnlySpan<byte> name) => form.Has(name, out var value) ? value.AsText() : null;

    public static string AsText(this JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Unfit(value, "a text");

    public static bool? Flag(this JsonElement form, ReadOnlySpan<byte> name) => !form.Has(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unfit(value, "true or false"),
    };

    public static int? Whole(this JsonElement form, ReadOnlySpan<byte> name) => form.Has(name, out var value) ? value.AsWhole() : null;

    public static int AsWhole(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Unfit(value, "a whole number");

    public static long? Long(this JsonElement form, ReadOnlySpan<byte> name) =>
        !form.Has(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Unfit(value, "a whole number");

    public static double? Number(this JsonElement form, ReadOnlySpan<byte> name) =>
        !form.Has(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw Unfit(value, "a number");

    public static TimeSpan? Duration(this JsonElement form, ReadOnlySpan<byte> name) =>
        !form.Has(name, out var value) ? null : DurationText.TryParse(value.AsText(), out var duration) ? duration : throw Unfit(value, "a duration");

    public static TEnum? Word<TEnum>(this JsonElement form, ReadOnlySpan<byte> name) where TEnum : struct, Enum =>
        form.Has(name, out var value) ? value.AsWord<TEnum>() : null;

    public static TEnum AsWord<TEnum>(this JsonElement value) where TEnum : struct, Enum =>
        Words.TryParse<TEnum>(value.AsText(), out var word) ? word : throw Unfit(value, string.Join(", ", Words.All<TEnum>()));

    /// <summary>Free JSON, which outlives the text it was read from.</summary>
    public static JsonElement? Value(this JsonElement form, ReadOnlySpan<byte> name) => form.Has(name, out var value) ? value.Clone() : null;

    public static ImmutableArray<T> List<T>(this JsonElement form, ReadOnlySpan<byte> name, Func<JsonElement, T> read)
    {
        if (!form.Has(name, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Unfit(value, "a list");
        var list = ImmutableArray.CreateBuilder<T>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray()) list.Add(read(item));
        return list.MoveToImmutable();
    }

    public static ImmutableArray<string> Texts(this JsonElement form, ReadOnlySpan<byte> name) => form.List(name, AsText);

    public static ImmutableSortedDictionary<string, T> Map<T>(this JsonElement form, ReadOnlySpan<byte> name, Func<JsonElement, T> read) =>
        form.Has(name, out var value) ? value.AsMap(read) : ImmutableSortedDictionary<string, T>.Empty;

    public static ImmutableSortedDictionary<string, T> AsMap<T>(this JsonElement value, Func<JsonElement, T> read)
    {
        var map = ImmutableSortedDictionary<string, T>.Empty.ToBuilder();
        foreach (var property in value.AsForm().EnumerateObject()) map[property.Name] = read(property.Value);
        return map.ToImmutable();
    }

    public static ImmutableSortedDictionary<string, string> TextMap(this JsonElement form, ReadOnlySpan<byte> name) => form.Map(name, AsText);

    /// <summary>Free JSON by name; a null is a value here.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Values(this JsonElement form, ReadOnlySpan<byte> name) => form.Map(name, v => v.Clone());

    private static JsonException Unfit(JsonElement value, string expected)
    {
        var text = value.GetRawText();
        return new($"Expected {expected}, not {(text.Length > 40 ? string.Concat(text.AsSpan(0, 40), "...") : text)}.");
    }
}
