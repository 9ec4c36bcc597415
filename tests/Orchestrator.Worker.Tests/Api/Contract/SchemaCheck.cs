using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Worker.Tests.Api.Contract;

/// <summary>Whether a value is as a schema says: as much of JSON Schema as the description uses. A word it does not know is a failure, not a pass.</summary>
internal sealed class SchemaCheck(ApiDocument document)
{
    private static readonly HashSet<string> Known =
    [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "pattern", "minimum", "maximum", "minLength", "maxLength",
        "description", "format", "default",
    ];

    /// <summary>What is wrong, with its place; empty when nothing is.</summary>
    public List<string> Problems(JsonElement schema, JsonElement value)
    {
        var problems = new List<string>();
        Check(schema, value, "$", problems);
        return problems;
    }

    private void Check(JsonElement schema, JsonElement value, string at, List<string> problems)
    {
        schema = document.Follow(schema);
        foreach (var word in schema.EnumerateObject())
            if (!Known.Contains(word.Name)) problems.Add($"{at}: the schema's word '{word.Name}' is not known");
        if (schema.TryGetProperty("type", out var type) && !Types(type).Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && Types(type).Contains("number")))
        {
            problems.Add($"{at}: {string.Join(" or ", Types(type))}, was {TypeOf(value)}: {value.GetRawText()}");
            return;
        }
        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(a => a.GetRawText() == value.GetRawText())) problems.Add($"{at}: not one of {allowed}: {value}");
        if (schema.TryGetProperty("const", out var only) && only.GetRawText() != value.GetRawText()) problems.Add($"{at}: not {only}: {value}");
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: CheckMembers(schema, value, at, problems); break;
            case JsonValueKind.Array when schema.TryGetProperty("items", out var items):
                foreach (var (item, i) in value.EnumerateArray().Select((v, i) => (v, i))) Check(items, item, $"{at}[{i}]", problems);
                break;
            case JsonValueKind.String when schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(value.GetString()!, pattern.GetString()!):
                problems.Add($"{at}: '{value}' does not match {pattern}");
                break;
            case JsonValueKind.Number:
                if (schema.TryGetProperty("minimum", out var least) && value.GetDouble() < least.GetDouble()) problems.Add($"{at}: {value} is less than {least}");
                if (schema.TryGetProperty("maximum", out var most) && value.GetDouble() > most.GetDouble()) problems.Add($"{at}: {value} is more than {most}");
                break;
        }
    }

    private void CheckMembers(JsonElement schema, JsonElement value, string at, List<string> problems)
    {
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray().Select(n => n.GetString()!))
                if (!value.TryGetProperty(name, out _)) problems.Add($"{at}: '{name}' is missing");
        var properties = schema.TryGetProperty("properties", out var known) ? known : default;
        foreach (var member in value.EnumerateObject())
        {
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member.Name, out var own)) Check(own, member.Value, $"{at}.{member.Name}", problems);
            else if (schema.TryGetProperty("additionalProperties", out var other))
            {
                if (other.ValueKind == JsonValueKind.False) problems.Add($"{at}: '{member.Name}' is not described");
                else if (other.ValueKind == JsonValueKind.Object) Check(other, member.Value, $"{at}.{member.Name}", problems);
            }
        }
    }

    private static string[] Types(JsonElement type) => type.ValueKind == JsonValueKind.String ? [type.GetString()!] : [.. type.EnumerateArray().Select(t => t.GetString()!)];

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Null => "null",
        _ => value.TryGetInt64(out _) ? "integer" : "number",
    };
}
