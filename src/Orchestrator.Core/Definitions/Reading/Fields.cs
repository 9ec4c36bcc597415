using System.Globalization;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads the keys of one map as typed values; says what was expected and what was found where they are not.</summary>
internal sealed class Fields
{
    private readonly SourceMap _map;

    /// <param name="owner">Whose keys they are, for messages: <c>the workflow</c>, <c>a schedule</c>.</param>
    public Fields(SourceMap map, KeySet keys, string owner, ProblemLog problems)
    {
        (_map, Owner, Problems) = (map, owner, problems);
        keys.Check(map, owner, problems);
    }

    public string Owner { get; }

    public ProblemLog Problems { get; }

    public SourceSpan Span => _map.Span;

    public SourceNode? this[string key] => _map.Find(key);

    public bool Has(string key) => _map.Find(key) is not null;

    /// <summary>The place of a key's value, or of the map where the key is missing.</summary>
    public SourceSpan At(string key) => _map.Find(key)?.Span ?? _map.Span;

    /// <summary>A text; null when the key is missing or its value is not text.</summary>
    public string? Text(string key) => _map.Find(key) is { } node ? TextOf(node, key)?.Text : null;

    /// <summary>A text that must be there and not be blank.</summary>
    public string? Required(string key)
    {
        if (_map.Find(key) is not { } node)
        {
            Problems.Add(ProblemCodes.MissingKey, _map.Span, $"{Capital(Owner)} has no `{key}`.", $"Add `{key}:`.");
            return null;
        }
        if (TextOf(node, key) is not { } scalar) return null;
        if (!string.IsNullOrWhiteSpace(scalar.Text)) return scalar.Text;
        Problems.Add(ProblemCodes.BadValue, scalar.Span, $"`{key}` is blank.", "Give it a value.");
        return null;
    }

    public bool? Flag(string key)
    {
        if (_map.Find(key) is not { } node) return null;
        if (node is SourceScalar { AsFlag: { } flag }) return flag;
        Wrong(node, key, "true or false");
        return null;
    }

    /// <summary>A whole number within bounds.</summary>
    public int? Whole(string key, int min, int max)
    {
        if (_map.Find(key) is not { } node) return null;
        if (node is not SourceScalar { Form: not ScalarForm.Quoted } scalar || !long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            Wrong(node, key, "a whole number");
        else if (number < min || number > max)
            Problems.Add(ProblemCodes.BadValue, node.Span, $"`{key}` is {number}.", $"Use {min} to {max}.");
        else
            return (int)number;
        return null;
    }

    public double? Number(string key, double min, double max)
    {
        if (_map.Find(key) is not { } node) return null;
        if (node is not SourceScalar { Form: not ScalarForm.Quoted } scalar || !double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            Wrong(node, key, "a number");
        else if (!(number >= min && number <= max))
            Problems.Add(ProblemCodes.BadValue, node.Span, $"`{key}` is {scalar.Text}.", string.Create(CultureInfo.InvariantCulture, $"Use {min} to {max}."));
        else
            return number;
        return null;
    }

    public TimeSpan? Duration(string key, TimeSpan min, TimeSpan max)
    {
        if (_map.Find(key) is not { } node) return null;
        if (node is not SourceScalar { IsNothing: false } scalar)
            Wrong(node, key, "a duration such as 30s or 5m");
        else if (!DurationText.TryParse(scalar.Text, out var duration))
            Problems.Add(ProblemCodes.BadValue, node.Span, $"`{key}` is {scalar.Found}, which is not a duration.", "Write 250ms, 30s, 5m, 2h or 1d; a bare number is seconds.");
        else if (duration < min || duration > max)
            Problems.Add(ProblemCodes.BadValue, node.Span, $"`{key}` is {scalar.Text}.", $"Use {DurationText.Format(min)} to {DurationText.Format(max)}.");
        else
            return duration;
        return null;
    }

    /// <summary>A size in bytes.</summary>
    public long? Size(string key, long min, long max)
    {
        if (_map.Find(key) is not { } node) return null;
        if (node is not SourceScalar { IsNothing: false } scalar)
            Wrong(node, key, "a size such as 10MiB");
        else if (!SizeText.TryParse(scalar.Text, out var size))
            Problems.Add(ProblemCodes.BadValue, node.Span, $"`{key}` is {scalar.Found}, which is not a size.", "Write 4096, 64KiB, 10MiB or 1GiB.");
        else if (size < min || size > max)
            Problems.Add(ProblemCodes.BadValue, node.Span, $"`{key}` is {scalar.Text}.", $"Use {SizeText.Format(min)} to {SizeText.Format(max)}.");
        else
            return size;
        return null;
    }

    /// <summary>The fields of a map below a key; null where there is none.</summary>
    /// <param name="expected">What it should have been, for "must be x".</param>
    /// <param name="orEmpty">Whether nothing may stand there.</param>
    public Fields? Map(string key, KeySet keys, string expected, bool orEmpty = false)
    {
        if (_map.Find(key) is not { } node || orEmpty && node.IsEmpty) return null;
        if (node is SourceMap map) return new(map, keys, $"`{key}`", Problems);
        Wrong(node, key, expected);
        return null;
    }

    /// <summary>The one key of several that is there; null where there is none. More than one is a problem.</summary>
    /// <param name="none">What is wrong where there is none.</param>
    public string? OnlyOne(string[] keys, string none)
    {
        string? only = null;
        foreach (var key in keys)
        {
            if (!Has(key)) continue;
            if (only is not null) Problems.Add(ProblemCodes.Conflict, At(key), $"{Capital(Owner)} has both `{only}` and `{key}`.", $"Keep exactly one of {string.Join(", ", keys)}.");
            only ??= key;
        }
        if (only is null) Problems.Add(ProblemCodes.MissingKey, Span, none, $"Add one of {string.Join(", ", keys)}.");
        return only;
    }

    /// <summary>One of an enumeration's words.</summary>
    public TEnum? Word<TEnum>(string key) where TEnum : struct, Enum =>
        _map.Find(key) is { } node && TextOf(node, key) is { } scalar ? WordOf<TEnum>(scalar, key) : null;

    public TEnum? WordOf<TEnum>(SourceScalar scalar, string key) where TEnum : struct, Enum
    {
        if (Words.TryParse<TEnum>(scalar.Text, out var value)) return value;
        var words = Words.All<TEnum>();
        var guess = Suggest.DidYouMean(scalar.Text, words);
        Problems.Add(ProblemCodes.BadValue, scalar.Span, $"`{key}` is {scalar.Found}.", guess.Length > 0 ? guess : $"Use one of {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>The texts of a list; a single text is a list of one.</summary>
    public IEnumerable<SourceScalar> Texts(string key, bool orSingle = false)
    {
        if (_map.Find(key) is not { IsEmpty: false } node) yield break;
        if (orSingle && node is SourceScalar single)
        {
            yield return single;
        }
        else if (node is SourceList list)
        {
            foreach (var item in list.Items)
                if (TextOf(item, $"{key}[]") is { } text) yield return text;
        }
        else
        {
            Wrong(node, key, orSingle ? "a text or a list of texts" : "a list of texts");
        }
    }

    /// <summary>The entries of a map of texts, for the caller to check and keep.</summary>
    public IEnumerable<(SourceEntry Entry, SourceScalar Value)> TextMap(string key)
    {
        foreach (var entry in Entries(key))
            if (TextOf(entry.Value, $"{key}.{entry.Key}") is { } text) yield return (entry, text);
    }

    /// <summary>The entries of a map; none where the key is missing, empty or no map.</summary>
    public IReadOnlyList<SourceEntry> Entries(string key) => _map.Find(key) switch
    {
        null or { IsEmpty: true } => [],
        SourceMap map => map.Entries,
        var node => Wrong<IReadOnlyList<SourceEntry>>(node, key, "a map") ?? [],
    };

    /// <summary>The items of a list; none where the key is missing, empty or no list.</summary>
    public IReadOnlyList<SourceNode> Items(string key, string expected) => _map.Find(key) switch
    {
        null or { IsEmpty: true } => [],
        SourceList list => list.Items,
        var node => Wrong<IReadOnlyList<SourceNode>>(node, key, expected) ?? [],
    };

    public SourceScalar? TextOf(SourceNode node, string key) =>
        node is SourceScalar { IsNothing: false } scalar ? scalar : Wrong<SourceScalar>(node, key, "text");

    public void Wrong(SourceNode node, string key, string expected) =>
        Problems.Add(ProblemCodes.WrongType, node.Span, $"`{key}` must be {expected}, not {node.Found}.", node.IsNothing ? "Give it a value or remove it." : "");

    public static string Capital(string text) => text[0] == '`' ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private T? Wrong<T>(SourceNode node, string key, string expected) where T : class
    {
        Wrong(node, key, expected);
        return null;
    }
}
