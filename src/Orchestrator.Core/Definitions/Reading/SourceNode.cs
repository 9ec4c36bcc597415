namespace Orchestrator.Core.Definitions.Reading;

/// <summary>
/// A definition as written, before it means anything: the one shape that YAML, configuration and the C# builder are
/// turned into, so that the same rules read all three and every problem has a place.
/// </summary>
internal abstract class SourceNode(SourceSpan span)
{
    public SourceSpan Span { get; } = span;

    /// <summary>Nodes below and including this one with aliases expanded: what bounds an alias bomb.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Levels below and including this one.</summary>
    public int Height { get; init; } = 1;

    /// <summary>What stands here, for "expected x, found y".</summary>
    public abstract string Found { get; }

    /// <summary>Nothing was written: <c>key:</c>, <c>~</c> or <c>null</c>.</summary>
    public virtual bool IsNothing => false;

    /// <summary>Nothing where a list or map could stand: configuration spells an empty one as an empty text.</summary>
    public bool IsEmpty => IsNothing || this is SourceScalar { Form: ScalarForm.Untyped, Text: "" };
}

/// <summary>How sure the notation is about a scalar's type.</summary>
internal enum ScalarForm
{
    /// <summary>Looks decide: <c>5</c> is a number, <c>true</c> a boolean.</summary>
    Plain,
    /// <summary>Certainly text.</summary>
    Quoted,
    /// <summary>From a notation that has only text (configuration): the model decides.</summary>
    Untyped,
}

/// <summary>A single value.</summary>
/// <param name="start">Index of its first character in the source text; -1 where there is no text.</param>
/// <param name="end">Index after its last character.</param>
internal sealed class SourceScalar(string text, ScalarForm form, SourceSpan span, int start = -1, int end = -1) : SourceNode(span)
{
    public string Text { get; } = text;

    public ScalarForm Form { get; } = form;

    public int Start { get; } = start;

    public int End { get; } = end;

    public override bool IsNothing => Form == ScalarForm.Plain && Text is ("" or "~" or "null" or "Null" or "NULL");

    /// <summary>The boolean it reads as. Configuration spells JSON's <c>true</c> as <c>True</c>.</summary>
    public bool? AsFlag => Form switch
    {
        ScalarForm.Quoted => null,
        ScalarForm.Untyped => bool.TryParse(Text, out var loose) ? loose : null,
        _ => Text switch { "true" => true, "false" => false, _ => null },
    };

    public override string Found => this switch
    {
        { IsNothing: true } => "nothing",
        { Form: ScalarForm.Quoted } => $"the text \"{Shorten(Text)}\"",
        _ => $"`{Shorten(Text)}`",
    };

    public static string Shorten(string text)
    {
        var line = text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var cut ? text[..cut] + "…" : text;
        return line.Length <= 60 ? line : line[..59] + "…";
    }
}

/// <summary>Values in order.</summary>
internal sealed class SourceList(IReadOnlyList<SourceNode> items, SourceSpan span) : SourceNode(span)
{
    public IReadOnlyList<SourceNode> Items { get; } = items;

    public override string Found => "a list";
}

/// <summary>A key of a map with its value.</summary>
internal readonly record struct SourceEntry(string Key, SourceSpan At, SourceNode Value);

/// <summary>Named values in order; no key occurs twice.</summary>
internal sealed class SourceMap(IReadOnlyList<SourceEntry> entries, SourceSpan span) : SourceNode(span)
{
    public IReadOnlyList<SourceEntry> Entries { get; } = entries;

    public override string Found => "a map";

    /// <summary>The value of a key; null when it is not there. For the few keys of the vocabulary, not for large maps.</summary>
    public SourceNode? Find(string key)
    {
        for (var i = 0; i < Entries.Count; i++)
            if (Entries[i].Key == key) return Entries[i].Value;
        return null;
    }
}
