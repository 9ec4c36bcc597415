using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Planning;

/// <summary>The lists of a fan-out, compiled, and the items they make.</summary>
internal sealed class ItemTemplates
{
    private readonly FanOut _fanOut;
    private readonly JsonTemplate? _items;
    private readonly ImmutableArray<JsonTemplate> _axes;
    private readonly ImmutableArray<(string Name, JsonTemplate Value)[]> _include;

    private ItemTemplates(FanOut fanOut, JsonTemplate? items, ImmutableArray<JsonTemplate> axes, ImmutableArray<(string, JsonTemplate)[]> include) =>
        (_fanOut, _items, _axes, _include) = (fanOut, items, axes, include);

    public static ItemTemplates Of(FanOut fanOut) => new(fanOut,
        fanOut.Items is { } items ? JsonTemplate.Compile(items, "foreach.items") : null,
        [.. fanOut.Axes.Select(a => JsonTemplate.Compile(a.Values, "matrix." + a.Name))],
        [.. fanOut.Include.Select(i => i.Select(m => (m.Key, JsonTemplate.Compile(m.Value, "matrix.include." + m.Key))).ToArray())]);

    public IEnumerable<ExpressionReference> References =>
        (_items?.References ?? []).Concat(_axes.SelectMany(a => a.References)).Concat(_include.SelectMany(i => i.SelectMany(m => m.Value.References)));

    public ImmutableArray<JsonElement> Of(ExpressionScope scope)
    {
        var items = _items is not null ? List(_items, scope, "foreach.items") : Combinations(scope);
        if (items.Length > FanOut.MaxItems) throw TooMany(items.Length);
        for (var i = 0; i < items.Length; i++)
            if (JsonBounds.Fault(items[i]) is { } fault) throw new ExpressionException(fault.Of(string.Create(CultureInfo.InvariantCulture, $"item {i}")));
        return items;
    }

    private ImmutableArray<JsonElement> Combinations(ExpressionScope scope)
    {
        var axes = _axes.Select((a, i) => List(a, scope, "matrix." + _fanOut.Axes[i].Name)).ToArray();
        long size = 1;
        foreach (var axis in axes)
            if ((size *= axis.Length) > 100L * FanOut.MaxItems) throw TooMany(size);
        var combinations = new List<MatrixCombination>();
        for (var n = 0; n < size && axes.Length > 0; n++)
        {
            var chosen = new (string Name, JsonElement Value)[axes.Length];
            var rest = n;
            for (var i = axes.Length - 1; i >= 0; i--)
            {
                chosen[i] = (_fanOut.Axes[i].Name, axes[i][rest % axes[i].Length]);
                rest /= axes[i].Length;
            }
            if (!_fanOut.Exclude.Any(e => Agrees(e, chosen))) combinations.Add(new(chosen));
        }
        var made = combinations.Count;
        foreach (var entry in _include)
        {
            var members = entry.Select(m => (m.Name, Value: Rendered(m.Value, scope, "matrix.include." + m.Name))).ToArray();
            var isTaken = false;
            for (var i = 0; i < made; i++) isTaken |= combinations[i].Take(members);
            if (!isTaken) combinations.Add(new(members));
        }
        return [.. combinations.Select(c => Object(c.Members))];
    }

    private static ImmutableArray<JsonElement> List(JsonTemplate template, ExpressionScope scope, string where)
    {
        var value = Rendered(template, scope, where);
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()]
            : throw new ExpressionException($"{where} is {Found(value)}, not a list.");
    }

    private static JsonElement Rendered(JsonTemplate template, ExpressionScope scope, string where)
    {
        try { return template.Render(scope); }
        catch (ExpressionException e) { throw new ExpressionException($"{where}: {e.Message}"); }
    }

    private static bool Agrees(ImmutableSortedDictionary<string, JsonElement> exclusion, (string Name, JsonElement Value)[] chosen) =>
        exclusion.All(e => Array.Exists(chosen, c => c.Name == e.Key && MatrixCombination.IsSame(c.Value, e.Value)));

    private static JsonElement Object(IEnumerable<(string Name, JsonElement Value)> members) => JsonText.Parse(JsonText.Bytes(json =>
    {
        json.WriteStartObject();
        foreach (var (name, value) in members)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
        json.WriteEndObject();
    }));

    private static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static ExpressionException TooMany(long count) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The fan-out makes {count} items; at most {FanOut.MaxItems} are allowed. Group them, or fan out over child workflows."));
}
