using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions.Schema;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>The reference of every key, in config/README.md, is made of the model that the reader and editors have.</summary>
public sealed class KeyReferenceTests
{
    private const string Variable = "ORCHESTRATOR_GOLDEN";
    private const string Begin = "<!-- keys -->\n";
    private const string End = "<!-- /keys -->\n";

    [Fact]
    public void The_reference_of_keys_is_made_of_the_model()
    {
        var path = Path.Combine(Root(), "config", "README.md");
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        to.ShouldBeGreaterThan(from);
#pragma warning disable RS0030 // The switch is the developer's, not the program's.
        if (Environment.GetEnvironmentVariable(Variable) == "write") File.WriteAllText(path, text[..from] + Reference() + text[to..]);
#pragma warning restore RS0030
        else text[from..to].ShouldBe(Reference(), $"If this is meant, run this test with {Variable}=write.");
    }

    private static string Reference()
    {
        var text = new StringBuilder();
        foreach (var (name, map, _) in DefinitionSchema.Maps())
        {
            text.Append($"\n#### `{name}`\n\n{Cell((string)map["description"]!)}\n\n| Key | Takes | Meaning |\n|---|---|---|\n");
            var required = map["required"]?.AsArray().Select(r => (string)r!).ToArray() ?? [];
            foreach (var (key, value) in map["properties"]!.AsObject())
                text.Append($"| `{key}`{(required.Contains(key) ? " (required)" : "")} | {Cell(Takes(value!.AsObject()))} | {Cell((string)value!["description"]!)} |\n");
        }
        return text.Append('\n').ToString();
    }

    private static string Takes(JsonObject type)
    {
        if (type["$ref"] is { } reference) return $"`{((string)reference!)["#/$defs/".Length..]}`";
        if (type["enum"] is JsonArray words) return string.Join(", ", words.Select(w => $"`{w?.ToString() ?? "null"}`"));
        if ((type["anyOf"] ?? type["oneOf"]) is JsonArray choices) return string.Join(" or ", choices.Select(c => Takes(c!.AsObject())).Distinct());
        string[] types = type["type"] switch { JsonArray several => [.. several.Select(t => (string)t!)], { } one => [(string)one!], null => [] };
        var pattern = (string?)type["pattern"] ?? "";
        if (pattern.Contains("(ms|s|m|h|d)", StringComparison.Ordinal)) return "duration";
        if (pattern.Contains("KiB", StringComparison.Ordinal)) return "size";
        if (pattern.Contains(@"\$\{\{", StringComparison.Ordinal)) return "expression";
        if (types.Contains("array")) return type["items"] is JsonObject { Count: > 0 } item ? $"list of {Takes(item)}" : "list";
        if (types.Contains("object")) return type["additionalProperties"] is JsonObject { Count: > 0 } value ? $"map of {Takes(value)}" : "map";
        return types.Contains("string") ? "text" : types.Contains("integer") ? "whole number" : types.Contains("number") ? "number"
            : types.Contains("boolean") ? "true, false" : types.Contains("null") ? "nothing" : "any value";
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Orchestrator.sln"))) at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException("The tests run inside the repository.");
    }
}
