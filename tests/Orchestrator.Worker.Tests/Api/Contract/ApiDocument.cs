using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Orchestrator.Worker.Tests.Api.Contract;

/// <summary>The API's description, and whether values are as it says.</summary>
internal sealed partial class ApiDocument
{
    private const string Address = "https://orchestrator.test/openapi";
    private readonly JsonElement _root;
    private readonly BuildOptions _schemas = new() { SchemaRegistry = new() };
    private readonly ConcurrentDictionary<string, Lazy<JsonSchema>> _built = [];

    private ApiDocument(string text)
    {
        _root = JsonDocument.Parse(text).RootElement;
        _schemas.SchemaRegistry.Register(new JsonElementBaseDocument(_root, new(Address)));
    }

    public static ApiDocument Checked { get; } = new(File.ReadAllText(FilePath));

    public static string FilePath => Path.Combine(Repository(), "config", "schema", "openapi.json");

    public IEnumerable<(string Path, string Method, JsonElement Operation)> Operations =>
        from path in _root.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (path.Name, operation.Name.ToUpperInvariant(), operation.Value);

    /// <summary>The operation a request means; null where none is described.</summary>
    public JsonElement? OperationOf(string method, string path)
    {
        // Paths without placeholders first.
        foreach (var (template, its, operation) in Operations.OrderBy(o => o.Path.Count(c => c == '{')))
            if (its == method && Regex.IsMatch(path, "^" + Placeholder().Replace(template.Replace("{path}", ".+", StringComparison.Ordinal), "[^/]+") + "$")) return operation;
        return null;
    }

    /// <summary>What is wrong with a value by one of the document's schemas; empty when nothing is. A word of the schema that is not known is a failure.</summary>
    public IReadOnlyList<string> Problems(JsonElement schema, JsonElement value)
    {
        var text = schema.GetRawText().Replace("\"#/", $"\"{Address}#/", StringComparison.Ordinal);
        var built = _built.GetOrAdd(text, t => new(() => JsonSchema.FromText(t, _schemas))).Value;
        return built.Evaluate(value, new() { OutputFormat = OutputFormat.List }) is { IsValid: false, Details: var details }
            ? [.. details!.Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}")).DefaultIfEmpty("not valid")] : [];
    }

    /// <summary>What stands behind a $ref.</summary>
    public JsonElement Follow(JsonElement value)
    {
        while (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$ref", out var reference))
        {
            var at = _root;
            foreach (var part in reference.GetString()!.TrimStart('#', '/').Split('/')) at = at.GetProperty(part);
            value = at;
        }
        return value;
    }

    /// <summary>Every media type that stands anywhere in the document, with its place.</summary>
    public IEnumerable<(string Where, JsonElement Media)> Media() => Media("", _root);

    /// <summary>Every $ref leads somewhere.</summary>
    public IEnumerable<string> References() => References(_root);

    private static IEnumerable<string> References(JsonElement at) => at.ValueKind switch
    {
        JsonValueKind.Object => at.EnumerateObject().SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => at.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static IEnumerable<(string, JsonElement)> Media(string where, JsonElement at) => at.ValueKind switch
    {
        JsonValueKind.Object when at.TryGetProperty("schema", out _) && at.TryGetProperty("example", out _) => [(where, at)],
        JsonValueKind.Object => at.EnumerateObject().SelectMany(p => Media($"{where}/{p.Name}", p.Value)),
        JsonValueKind.Array => at.EnumerateArray().SelectMany((v, i) => Media($"{where}/{i}", v)),
        _ => [],
    };

    private static string Repository()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Orchestrator.sln"))) at = at.Parent;
        return at!.FullName;
    }

    [GeneratedRegex(@"\{[a-z]+\}")]
    private static partial Regex Placeholder();
}
