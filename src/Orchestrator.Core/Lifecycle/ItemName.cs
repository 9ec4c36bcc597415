using System.Text.Json;

namespace Orchestrator.Core.Lifecycle;

/// <summary>What the child of a fan-out is called beside its number: the item it is for.</summary>
internal static class ItemName
{
    private const int Longest = 200;

    /// <summary>
    /// The item where it is a text, a number or a truth value; <c>key=value, key=value</c> where it has nothing but such values, as the combinations of a
    /// matrix have. Null for everything else, and for names over 200 characters.
    /// </summary>
    public static string? Of(JsonElement item) => (item.ValueKind == JsonValueKind.Object ? OfPairs(item) : OfValue(item)) is { Length: > 0 and <= Longest } name ? name : null;

    private static string? OfPairs(JsonElement item)
    {
        var parts = new List<string>();
        foreach (var pair in item.EnumerateObject())
        {
            if (OfValue(pair.Value) is not { } value || parts.Count == Longest) return null;
            parts.Add($"{pair.Name}={value}");
        }
        return string.Join(", ", parts);
    }

    private static string? OfValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
