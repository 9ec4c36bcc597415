using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>The part of JSON Schema that ours uses: enough to hold a document to it.</summary>
internal static class SchemaCheck
{
    private static readonly string[] Known =
    [
        "$schema", "$defs", "$ref", "title", "description", "type", "enum", "pattern", "minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties", "required", "items",
    ];

    public static IEnumerable<string> Problems(JsonElement schema, JsonElement value) => Of(schema, schema, value, "");

    private static IEnumerable<string> Of(JsonElement root, JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind == JsonValueKind.True) return [];
        if (schema.ValueKind == JsonValueKind.False) return [$"{at}: nothing may stand here"];
        foreach (var keyword in schema.EnumerateObject())
            if (!Known.Contains(keyword.Name)) throw new NotSupportedException($"The check does not know '{keyword.Name}'.");
        return [.. schema.EnumerateObject().SelectMany(keyword => Of(root, schema, keyword.Name, keyword.Value, value, at))];
    }

    private static IEnumerable<string> Of(JsonElement root, JsonElement schema, string keyword, JsonElement rule, JsonElement value, string at) => keyword switch
    {
        "$ref" => Of(root, root.GetProperty("$defs").GetProperty(rule.GetString()!["#/$defs/".Length..]), value, at),
        "type" => Unless(Texts(rule).Any(t => Is(value, t)), $"{at}: a {value.ValueKind} is no {rule}"),
        "enum" => Unless(rule.EnumerateArray().Any(e => JsonElement.DeepEquals(e, value)), $"{at}: {value} is none of {rule}"),
        "pattern" => Unless(value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, rule.GetString()!), $"{at}: '{value}' does not match {rule}"),
        "minimum" => Unless(value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.GetDouble(), $"{at}: {value} is below {rule}"),
        "maximum" => Unless(value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.GetDouble(), $"{at}: {value} is above {rule}"),
        "anyOf" => Unless(rule.EnumerateArray().Any(s => !Of(root, s, value, at).Any()), $"{at}: {value} fits none of several shapes"),
        "oneOf" => Unless(rule.EnumerateArray().Count(s => !Of(root, s, value, at).Any()) == 1, $"{at}: fits not exactly one shape"),
        "required" => Members(value).Count == 0 && value.ValueKind != JsonValueKind.Object ? [] : rule.EnumerateArray().Where(r => !Members(value).ContainsKey(r.GetString()!)).Select(r => $"{at}: no {r}"),
        "properties" => Members(value).SelectMany(m => rule.TryGetProperty(m.Key, out var s) ? Of(root, s, m.Value, $"{at}.{m.Key}") : []),
        "additionalProperties" => Members(value).Where(m => !schema.TryGetProperty("properties", out var known) || !known.TryGetProperty(m.Key, out _))
            .SelectMany(m => Of(root, rule, m.Value, $"{at}.{m.Key}")),
        "items" => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany((item, i) => Of(root, rule, item, $"{at}[{i}]")) : [],
        _ => [],
    };

    private static Dictionary<string, JsonElement> Members(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value) : [];

    private static IEnumerable<string> Unless(bool holds, string problem) => holds ? [] : [problem];

    private static string[] Texts(JsonElement rule) => rule.ValueKind == JsonValueKind.Array ? [.. rule.EnumerateArray().Select(r => r.GetString()!)] : [rule.GetString()!];

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException(type),
    };
}
