using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `foreach` and `matrix`.</summary>
internal sealed class FanOutReader(Draft draft, int index)
{
    private static readonly string[] s_taken = [.. Roots.All, "true", "false", "null"];

    /// <summary>The fan-out; null where there is none, or none that can be used.</summary>
    public FanOut? Read(Fields task)
    {
        if (task.Has("foreach") && task.Has("matrix"))
            draft.Problems.Add(ProblemCodes.Conflict, task.At("matrix"), $"{Fields.Capital(task.Owner)} has both `foreach` and `matrix`.", "Keep one: an axis of a matrix can be a list or an expression too.");
        return task["foreach"] is { } each ? ForEach(task, each) : task["matrix"] is { } matrix ? Matrix(task, matrix) : null;
    }

    private FanOut? ForEach(Fields task, SourceNode node)
    {
        if (node is not SourceMap) return Values(task, "foreach", node) is { } list ? new() { Items = list } : null;
        var fields = task.Map("foreach", Vocabulary.ForEach, "a list")!;
        if (fields["items"] is not { } items)
        {
            draft.Problems.Add(ProblemCodes.MissingKey, node.Span, "`foreach` has no `items`.", "Add `items:`, a list or one expression; combinations of several lists are a `matrix`.");
            return null;
        }
        var values = Values(fields, "items", items);
        return values is null ? null : Limits(fields, new() { Items = values, As = As(fields) });
    }

    private string? As(Fields fields)
    {
        if (fields.Text("as") is not { } name) return null;
        if (!Names.IsVariable(name) || name.Length > 64)
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("as"), $"`as` is `{SourceScalar.Shorten(name)}`.", Names.VariableRule);
        else if (s_taken.Contains(name))
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("as"), $"`as` is `{name}`, which has a meaning of its own in expressions.", "Choose another name; `item` works without `as`.");
        return name;
    }

    private FanOut? Matrix(Fields task, SourceNode node)
    {
        const string shape = "a map of axes such as {os: [linux, windows], version: [1, 2]}";
        if (node is not SourceMap map)
        {
            task.Wrong(node, "matrix", shape);
            return null;
        }
        var isLong = map.Find("axes") is not null;
        var keys = isLong ? Vocabulary.Matrix : new([.. map.Entries.Select(e => e.Key)]);
        var fields = new Fields(map, keys, "`matrix`", draft.Problems);
        var axes = Axes(fields, isLong ? AxesOf(fields) : [.. map.Entries.Where(e => !Vocabulary.MatrixWords.Contains(e.Key))]);
        if (axes.IsEmpty && fields["include"] is not SourceList { Items.Count: > 0 })
        {
            if (map.Entries.All(e => Vocabulary.MatrixWords.Contains(e.Key)) || fields["axes"] is { IsEmpty: true })
                draft.Problems.Add(ProblemCodes.MissingKey, map.Span, "`matrix` has no axis.", $"Write {shape}.");
            return null;
        }
        var size = axes.Aggregate(1.0, (product, axis) => product * (axis.Values.ValueKind == JsonValueKind.Array ? axis.Values.GetArrayLength() : 1));
        if (size > FanOut.MaxItems)
            draft.Problems.Add(ProblemCodes.TooLarge, map.Span, $"`matrix` has {size:0} combinations; {FanOut.MaxItems} are allowed.", "Split the task.");
        return Limits(fields, new() { Axes = axes, Exclude = Exclude(fields, axes), Include = Include(fields) });
    }

    // Configuration keeps a map's keys in its own order: where the order of axes matters, a list of maps says it.
    private List<SourceEntry> AxesOf(Fields fields)
    {
        if (fields["axes"] is SourceList list)
        {
            foreach (var other in list.Items.Where(i => i is not SourceMap)) fields.Wrong(other, "axes[]", "a map of one axis");
            return [.. list.Items.OfType<SourceMap>().SelectMany(m => m.Entries)];
        }
        return [.. fields.Entries("axes")];
    }

    private ImmutableArray<MatrixAxis> Axes(Fields fields, List<SourceEntry> entries)
    {
        var axes = ImmutableArray.CreateBuilder<MatrixAxis>();
        foreach (var entry in entries)
        {
            if (!Names.IsParameter(entry.Key))
                draft.Problems.Add(ProblemCodes.BadValue, entry.At, $"`{SourceScalar.Shorten(entry.Key)}` is not the name of an axis.", Names.ParameterRule);
            else if (axes.Any(a => a.Name == entry.Key))
                draft.Problems.Add(ProblemCodes.DuplicateName, entry.At, $"The axis '{entry.Key}' is declared twice.", "Remove one of them.");
            else if (Values(fields, entry.Key, entry.Value) is { } values)
                axes.Add(new(entry.Key, values));
        }
        return axes.ToImmutable();
    }

    private ImmutableArray<ImmutableSortedDictionary<string, JsonElement>> Exclude(Fields fields, ImmutableArray<MatrixAxis> axes)
    {
        var all = ImmutableArray.CreateBuilder<ImmutableSortedDictionary<string, JsonElement>>();
        foreach (var item in fields.Items("exclude", "a list of maps"))
        {
            if (item is not SourceMap { Entries.Count: > 0 } map)
            {
                fields.Wrong(item, "exclude[]", "a map such as {os: windows, version: 1}");
                continue;
            }
            var excluded = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
            foreach (var entry in map.Entries)
            {
                if (!axes.Any(a => a.Name == entry.Key))
                    draft.Problems.Add(ProblemCodes.UnknownKey, entry.At, $"`exclude` names '{SourceScalar.Shorten(entry.Key)}', which is not an axis.",
                        Suggest.DidYouMean(entry.Key, axes.Select(a => a.Name)) is { Length: > 0 } guess ? guess : $"The axes are {string.Join(", ", axes.Select(a => a.Name))}.");
                else if (entry.Value is SourceScalar scalar && scalar.Text.Contains("${{", StringComparison.Ordinal))
                    draft.Problems.Add(ProblemCodes.BadValue, scalar.Span, "`exclude` holds an expression.", "Write values; where they must be computed, compute the axis.");
                else
                    excluded[entry.Key] = Json.Of(entry.Value);
            }
            all.Add(excluded.ToImmutable());
        }
        return all.ToImmutable();
    }

    private ImmutableArray<ImmutableSortedDictionary<string, JsonElement>> Include(Fields fields)
    {
        var all = ImmutableArray.CreateBuilder<ImmutableSortedDictionary<string, JsonElement>>();
        foreach (var item in fields.Items("include", "a list of maps"))
        {
            if (item is not SourceMap { Entries.Count: > 0 } map)
            {
                fields.Wrong(item, "include[]", "a map such as {os: linux, image: debian}");
                continue;
            }
            var included = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
            foreach (var entry in map.Entries)
            {
                if (!Names.IsParameter(entry.Key))
                    draft.Problems.Add(ProblemCodes.BadValue, entry.At, $"`include` holds '{SourceScalar.Shorten(entry.Key)}', which cannot be a name.", Names.ParameterRule);
                draft.Templates(entry.Value, ExpressionPlace.Item, index);
                included[entry.Key] = Json.Of(entry.Value);
            }
            all.Add(included.ToImmutable());
        }
        if (all.Count > FanOut.MaxItems)
            draft.Problems.Add(ProblemCodes.TooLarge, fields.At("include"), $"`include` has {all.Count} entries; {FanOut.MaxItems} are allowed.", "Split the task.");
        return all.ToImmutable();
    }

    /// <summary>What <c>matrix.</c> offers: the axes, and what `include` adds.</summary>
    public static IReadOnlySet<string> NamesOf(FanOut matrix) =>
        matrix.Axes.Select(a => a.Name).Concat(matrix.Include.SelectMany(i => i.Keys)).ToHashSet(StringComparer.Ordinal);

    private static FanOut Limits(Fields fields, FanOut fanOut) => fanOut with
    {
        MaxParallel = fields.Whole("max_parallel", 1, FanOut.MaxItems),
        OnFailure = fields.Word<ItemFailure>("on_failure") ?? default,
    };

    /// <summary>A list, or one expression for a list.</summary>
    private JsonElement? Values(Fields fields, string key, SourceNode node)
    {
        switch (node)
        {
            case SourceList { Items.Count: > FanOut.MaxItems } list:
                draft.Problems.Add(ProblemCodes.TooLarge, list.Span, $"`{key}` has {list.Items.Count} items; {FanOut.MaxItems} are allowed.", "Split the task.");
                return null;
            case SourceList list:
                draft.Templates(list, ExpressionPlace.Item, index);
                return Json.Of(list);
            case SourceScalar { Form: ScalarForm.Untyped, Text: "" } empty:
                return Json.Of(new SourceList([], empty.Span));
            case SourceScalar { IsNothing: false } text when text.Text.AsSpan().Trim() is ['$', '{', '{', .., '}', '}']:
                var trimmed = new SourceScalar(text.Text.Trim(), text.Form, text.Span, text.Start, text.End);
                draft.Embedded.Add(new(trimmed, ExpressionPlace.Items, index));
                return Json.Of(trimmed.Text);
            default:
                fields.Wrong(node, key, "a list, or one expression in ${{ }} for a list");
                return null;
        }
    }
}
