using System.Collections;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Definitions.Reading;

namespace Orchestrator.Core.Definitions;

/// <summary>Collects keys as the tree the reader reads, so that code is held to the rules of files. Later values replace earlier ones.</summary>
/// <param name="path">Where the map stands, for problems: <c>workflow 'nightly': tasks[2]</c>.</param>
internal sealed class BuiltMap(string path)
{
    private readonly List<SourceEntry> _entries = [];

    public string Path => path;

    public bool Has(string key) => _entries.Exists(e => e.Key == key);

    public void Set(string key, object? value) => Set(key, Node(value, $"{path}.{key}"));

    public void Set(string key, SourceNode value)
    {
        _entries.RemoveAll(e => e.Key == key);
        _entries.Add(new(key, At($"{path}.{key}"), value));
    }

    /// <summary>Sets a key unless there is nothing to set.</summary>
    public BuiltMap SetIfAny(string key, object? value)
    {
        if (value is not null) Set(key, value);
        return this;
    }

    /// <summary>A map below this one.</summary>
    public BuiltMap Below(string key) => new($"{path}.{key}");

    public SourceMap ToNode() => new([.. _entries], At(path));

    public static SourceSpan At(string path) => new(path, 0, 0);

    /// <exception cref="ArgumentException">The value is of a type that has no counterpart in a definition.</exception>
    public static SourceNode Node(object? value, string path) => value switch
    {
        null => Plain("null", path),
        SourceNode node => node,
        string text => new SourceScalar(text, ScalarForm.Quoted, At(path)),
        bool flag => Plain(flag ? "true" : "false", path),
        TimeSpan duration => new SourceScalar(duration < TimeSpan.Zero ? duration.ToString("c", CultureInfo.InvariantCulture) : DurationText.Format(duration), ScalarForm.Quoted, At(path)),
        Enum or DateOnly => new SourceScalar(Word(value), ScalarForm.Quoted, At(path)),
        double or float or decimal or sbyte or byte or short or ushort or int or uint or long or ulong =>
            Plain(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), path),
        JsonElement json => OfJson(json, path),
        IEnumerable<KeyValuePair<string, string>> texts => Map(texts.Select(t => KeyValuePair.Create(t.Key, (object?)t.Value)), path),
        IEnumerable<KeyValuePair<string, object?>> map => Map(map, path),
        IEnumerable list => new SourceList([.. list.Cast<object?>().Select((item, i) => Node(item, $"{path}[{i}]"))], At(path)),
        _ => throw new ArgumentException($"{path}: a {value.GetType().Name} has no counterpart in a definition; use text, numbers, booleans, lists, dictionaries or JSON.", nameof(value)),
    };

    private static SourceScalar Plain(string text, string path) => new(text, ScalarForm.Plain, At(path));

    private static string Word(object value) => value is DateOnly date
        ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()!);

    private static SourceMap Map(IEnumerable<KeyValuePair<string, object?>> entries, string path) =>
        new([.. entries.Select(e => new SourceEntry(e.Key, At($"{path}.{e.Key}"), Node(e.Value, $"{path}.{e.Key}")))], At(path));

    private static SourceNode OfJson(JsonElement json, string path) => json.ValueKind switch
    {
        JsonValueKind.Object => Map(json.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, (object?)p.Value)), path),
        JsonValueKind.Array => new SourceList([.. json.EnumerateArray().Select((item, i) => OfJson(item, $"{path}[{i}]"))], At(path)),
        JsonValueKind.String => new SourceScalar(json.GetString()!, ScalarForm.Quoted, At(path)),
        _ => Plain(json.ValueKind == JsonValueKind.Undefined ? "null" : json.GetRawText(), path),
    };
}
