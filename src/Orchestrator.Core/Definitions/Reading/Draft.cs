using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>What is gathered while a workflow is read: problems, and texts to look at once all of it is known.</summary>
internal sealed class Draft(ProblemLog problems)
{
    public ProblemLog Problems => problems;

    public List<EmbeddedText> Embedded { get; } = [];

    /// <summary>Keeps a text for the expression rules if it can hold an expression.</summary>
    public string Template(SourceScalar node, ExpressionPlace place, int task)
    {
        if (node.Text.Contains("${{", StringComparison.Ordinal)) Embedded.Add(new(node, place, task));
        return node.Text;
    }

    public string? Template(Fields fields, string key, ExpressionPlace place, int task) =>
        fields[key] is { } node && fields.TextOf(node, key) is { } text ? Template(text, place, task) : null;

    /// <summary>Keeps every text below a JSON-like node.</summary>
    public void Templates(SourceNode node, ExpressionPlace place, int task)
    {
        switch (node)
        {
            case SourceScalar scalar: Template(scalar, place, task); break;
            case SourceList list: foreach (var item in list.Items) Templates(item, place, task); break;
            case SourceMap map: foreach (var entry in map.Entries) Templates(entry.Value, place, task); break;
        }
    }

    /// <summary>The texts from an index on belong to a task that could not be kept: their syntax still counts, their references cannot.</summary>
    public void Disown(int from)
    {
        for (var i = from; i < Embedded.Count; i++) Embedded[i] = Embedded[i] with { Task = EmbeddedText.NoTask };
    }

    /// <summary>Environment variables: names checked, values kept as templates.</summary>
    public ImmutableSortedDictionary<string, string> Variables(Fields fields, ExpressionPlace place, int task)
    {
        if (!fields.Has("env")) return ImmutableSortedDictionary<string, string>.Empty;
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (entry, value) in fields.TextMap("env"))
            if (IsVariable(entry.Key, entry.At) && NoZero(value, $"env.{entry.Key}")) variables[entry.Key] = Template(value, place, task);
        return variables.ToImmutable();
    }

    public bool IsVariable(string name, SourceSpan at)
    {
        if (Names.IsVariable(name)) return true;
        problems.Add(ProblemCodes.BadValue, at, $"`{SourceScalar.Shorten(name)}` is not the name of an environment variable.", Names.VariableRule);
        return false;
    }

    /// <summary>No process takes a zero character in its arguments or environment.</summary>
    public bool NoZero(SourceScalar text, string key)
    {
        if (!text.Text.Contains('\0')) return true;
        problems.Add(ProblemCodes.BadValue, text.Span, $"`{key}` holds a zero character.", "Remove it: no process can be given one.");
        return false;
    }
}
