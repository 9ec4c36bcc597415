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

    /// <summary>A text that, where it is there, is not blank and fits into a process's arguments; kept for the expression rules.</summary>
    public string? Given(Fields fields, string key, ExpressionPlace place, int task) =>
        fields.Has(key) && fields.Required(key) is not null && fields[key] is SourceScalar text && NoZero(text, key) ? Template(text, place, task) : null;

    /// <summary>A path below a folder: relative, and never up.</summary>
    public string? Inside(Fields fields, string key, int task) =>
        Given(fields, key, ExpressionPlace.Task, task) is { } path && IsInside((SourceScalar)fields[key]!, key) ? path : null;

    /// <summary>Whether a path stays below the folder it starts from; what expressions put in is checked when they are known.</summary>
    public bool IsInside(SourceScalar path, string key)
    {
        if (!path.Text.StartsWith('/') && !path.Text.Split('/').Contains("..")) return true;
        problems.Add(ProblemCodes.BadValue, path.Span, $"`{key}` is {path.Found}, which leads out of the folder.", "Write a relative path without `..`.");
        return false;
    }

    /// <summary>A text that is one expression, with or without its braces; as the bare expression.</summary>
    public string? Condition(Fields fields, string key, ExpressionPlace place, int task)
    {
        if (fields[key] is not { } node || fields.TextOf(node, key) is not { } text) return null;
        Embedded.Add(new(text, place, task));
        return Conditions.Strip(text.Text, out var expression, out _) ? expression.ToString() : text.Text;
    }

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
            if (IsVariable(entry.Key, entry.At) && NoZero(value, $"env.{entry.Key}") && IsWhole(value, entry.Key)) variables[entry.Key] = Template(value, place, task);
        return variables.ToImmutable();
    }

    // Systems that expand variables would make something of it, and a shell would too; here it would reach the process as it stands.
    private bool IsWhole(SourceScalar value, string name)
    {
        if (ShellReferences.First(value.Text) is not { } found) return true;
        problems.Add(ProblemCodes.BadValue, value.Span, $"`env.{name}` holds `{found.Text}`, which is not expanded here.",
            $"A declared variable is ${{{{ env.{found.Name} }}}}; one of the worker comes with `inherit_env`. To extend one write it in the task: run: {found.Name}=/opt/bin:${found.Name} ./tool. "
            + $"The characters themselves are ${{{{ '{found.Text}' }}}}.");
        return false;
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
        problems.Add(ProblemCodes.BadValue, text.Span, $"`{key}` holds a zero character.", "Remove it: no process can receive one.");
        return false;
    }
}
