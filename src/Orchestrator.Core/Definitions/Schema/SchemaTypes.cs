using System.Text.Json.Nodes;

namespace Orchestrator.Core.Definitions.Schema;

/// <summary>A key of a map with what it is for and what it takes.</summary>
internal readonly record struct SchemaKey(string Name, string Description, JsonObject Type);

/// <summary>The few types that values of definitions have, as JSON Schema. Each call makes a new node: nodes have one parent.</summary>
internal static class SchemaTypes
{
    private const string DurationPattern = @"^\s*[0-9]+(\.[0-9]+)?(ms|s|m|h|d)?([0-9]+(\.[0-9]+)?(ms|s|m|h|d))*\s*$";
    private const string SizePattern = @"^\s*[0-9]+(\.[0-9]+)?\s*(B|KiB|MiB|GiB|TiB)?\s*$";

    /// <summary>YAML's plain scalars are text where text is wanted.</summary>
    public static JsonObject Text() => new() { ["type"] = Types("string", "number", "boolean") };

    public static JsonObject Pattern(string pattern) => new() { ["type"] = Types("string", "number"), ["pattern"] = pattern };

    public static JsonObject Name() => Pattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$");

    public static JsonObject Duration() => Pattern(DurationPattern);

    public static JsonObject Size() => Pattern(SizePattern);

    public static JsonObject Flag() => new() { ["type"] = "boolean" };

    public static JsonObject Whole(int min, int max) => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    public static JsonObject Number(double min, double max) => new() { ["type"] = "number", ["minimum"] = min, ["maximum"] = max };

    public static JsonObject Word<TEnum>() where TEnum : struct, Enum => OneOfWords([.. Words.All<TEnum>()]);

    public static JsonObject OneOfWords(params string[] words) => new() { ["enum"] = new JsonArray([.. words.Select(w => (JsonNode)w)]) };

    public static JsonObject Shell() => AnyOf(OneOfWords("bash", "sh"), ListOf(Text()));

    public static JsonObject Any() => [];

    public static JsonObject Nothing() => new() { ["type"] = "null" };

    public static JsonObject ListOf(JsonObject item) => new() { ["type"] = "array", ["items"] = item };

    public static JsonObject OneOrMore(Func<JsonObject> item) => AnyOf(item(), ListOf(item()));

    public static JsonObject MapOf(JsonObject value) => new() { ["type"] = Types("object", "null"), ["additionalProperties"] = value };

    /// <summary>A text that is one expression.</summary>
    public static JsonObject Expression() => new() { ["type"] = "string", ["pattern"] = @"^\s*\$\{\{[\s\S]*\}\}\s*$" };

    public static JsonObject AnyOf(params JsonObject[] types) => new() { ["anyOf"] = new JsonArray([.. types]) };

    public static JsonObject Ref(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    /// <summary>A map of known keys and no others.</summary>
    public static JsonObject Map(string description, string[] required, params SchemaKey[] keys)
    {
        var properties = new JsonObject();
        foreach (var (name, what, type) in keys)
        {
            var property = new JsonObject { ["description"] = what };
            foreach (var (key, value) in type) property[key] = value?.DeepClone();
            properties[name] = property;
        }
        var map = new JsonObject { ["description"] = description, ["type"] = "object", ["properties"] = properties, ["patternProperties"] = new JsonObject { ["^x-"] = true }, ["additionalProperties"] = false };
        if (required.Length > 0) map["required"] = new JsonArray([.. required.Select(r => (JsonNode)r)]);
        return map;
    }

    /// <summary>Exactly one of these keys.</summary>
    public static JsonArray ExactlyOne(IEnumerable<string> keys) => new([.. keys.Select(k => (JsonNode)new JsonObject { ["required"] = new JsonArray(k) })]);

    private static JsonArray Types(params string[] types) => new([.. types.Select(t => (JsonNode)t)]);
}
