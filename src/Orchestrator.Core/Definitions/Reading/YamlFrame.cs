using YamlDotNet.Core;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>A list or map whose end has not come yet.</summary>
internal sealed class YamlFrame(bool isMap, SourceSpan span, AnchorName anchor)
{
    // Below this a map is searched entry by entry; above it gets an index.
    private const int SmallMap = 16;
    private const string Merge = "<<";

    private readonly List<SourceNode>? _items = isMap ? null : [];
    private readonly List<SourceEntry>? _entries = isMap ? [] : null;
    private Dictionary<string, SourceSpan>? _index;
    private List<SourceMap>? _merged;
    private SourceScalar? _key;
    private bool _drop;
    private int _weight = 1;
    private int _height;

    public AnchorName Anchor => anchor;

    public bool AwaitsKey => isMap && _key is null;

    /// <summary>Takes the next entry's key; false when the map has it already: then the first value stays.</summary>
    public bool TakeKey(SourceScalar key, out SourceSpan first)
    {
        _key = key;
        _weight++;
        _drop = Has(key.Text, out first);
        return !_drop;
    }

    /// <summary>Takes an item, or the value of the key before; false when it cannot be merged although its key is <c>&lt;&lt;</c>.</summary>
    public bool Add(SourceNode node)
    {
        _weight = (int)Math.Min(int.MaxValue, (long)_weight + node.Weight);
        _height = Math.Max(_height, node.Height);
        if (_items is not null)
        {
            _items.Add(node);
            return true;
        }
        var isMerge = _key is { Text: Merge, Form: ScalarForm.Plain };
        if (isMerge)
        {
            _key = null;
            if (node is SourceMap one) (_merged ??= []).Add(one);
            else if (node is SourceList list && list.Items.All(i => i is SourceMap)) (_merged ??= []).AddRange(list.Items.Cast<SourceMap>());
            else return false;
            return true;
        }
        if (!_drop)
        {
            _entries!.Add(new(_key!.Text, _key.Span, node));
            _index?.Add(_key.Text, _key.Span);
        }
        _key = null;
        return true;
    }

    public SourceNode ToNode() => _items is not null
        ? new SourceList(_items, span) { Weight = _weight, Height = _height + 1 }
        : new SourceMap(_merged is null ? _entries! : Merged(), span) { Weight = _weight, Height = _height + 1 };

    // What stands in the map itself wins over what is merged into it, and what is merged first over what comes later.
    private List<SourceEntry> Merged()
    {
        var own = _entries!.ToDictionary(e => e.Key, StringComparer.Ordinal);
        var all = new List<SourceEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in _merged!.SelectMany(m => m.Entries).Concat(_entries!))
            if (seen.Add(entry.Key)) all.Add(own.TryGetValue(entry.Key, out var mine) ? mine : entry);
        return all;
    }

    private bool Has(string key, out SourceSpan first)
    {
        if (_index is null && _entries!.Count > SmallMap) _index = _entries.ToDictionary(e => e.Key, e => e.At, StringComparer.Ordinal);
        if (_index is not null) return _index.TryGetValue(key, out first);
        foreach (var entry in _entries!)
        {
            if (entry.Key != key) continue;
            first = entry.At;
            return true;
        }
        first = default;
        return false;
    }
}
