using System.Collections.Immutable;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `switch`. Whether what it chooses depends on it is left to <see cref="GraphRules"/>.</summary>
internal static class SwitchReader
{
    private const int MaxCases = 1_000;
    private static readonly string[] s_tests = ["is", "matches"];

    /// <summary>The action; null where it cannot be read.</summary>
    public static TaskAction? Read(Fields owner, Draft draft, int index)
    {
        const string shape = "a map such as {value: \"${{ params.region }}\", cases: [{is: eu, then: load-eu}], default: load}";
        if (owner.Map("switch", Vocabulary.Switch, shape) is not { } fields) return null;
        var value = fields.Required("value") is null ? null : draft.Given(fields, "value", ExpressionPlace.Decided, index);
        var items = fields.Items("cases", "a list such as [{is: eu, then: load-eu}]");
        if (items.Count == 0 && !fields.Has("default"))
            fields.Problems.Add(ProblemCodes.MissingKey, fields.Span, "`switch` has no `cases`.", "Write `cases: [{is: value, then: task}]`.");
        if (items.Count > MaxCases)
            fields.Problems.Add(ProblemCodes.TooLarge, items[MaxCases].Span, $"`cases` has {items.Count} entries; {MaxCases} are allowed.", "Use patterns.");
        var cases = items.Take(MaxCases).Select(i => Case(fields, i)).OfType<SwitchCase>().ToImmutableArray();
        return value is null ? null : new SwitchAction(value) { Cases = cases, Default = Tasks(fields, "default") };
    }

    private static SwitchCase? Case(Fields owner, SourceNode item)
    {
        if (item is not SourceMap map)
        {
            owner.Wrong(item, "cases[]", "a map such as {is: eu, then: load-eu}");
            return null;
        }
        var fields = new Fields(map, Vocabulary.SwitchCase, "a case", owner.Problems);
        var test = fields.OnlyOne(s_tests, "A case has nothing to compare with.");
        if (!fields.Has("then")) fields.Problems.Add(ProblemCodes.MissingKey, map.Span, "A case has no `then`.", "Name the task that starts: `then: load-eu`.");
        var pattern = test == "matches" ? fields.Required("matches") : null;
        if (pattern is not null && Patterns.Problem(pattern) is { } wrong)
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("matches"), $"`matches` is `{SourceScalar.Shorten(pattern)}`, which is not a pattern. {wrong}", "Write a regular expression such as ^eu-.");
        return new()
        {
            Is = test == "is" ? [.. fields.Texts("is", orSingle: true).Where(t => IsPlain(t, fields)).Select(t => t.AsFlag is { } flag ? (flag ? "true" : "false") : t.Text)] : [],
            Matches = pattern,
            Then = Tasks(fields, "then"),
        };
    }

    private static bool IsPlain(SourceScalar text, Fields fields)
    {
        if (!text.Text.Contains("${{", StringComparison.Ordinal)) return true;
        fields.Problems.Add(ProblemCodes.BadValue, text.Span, "`is` holds an expression.", "Write the value; what is computed belongs in `value`, as in ${{ params.a == params.b }} with `is: true`.");
        return false;
    }

    private static ImmutableArray<TaskId> Tasks(Fields fields, string key) =>
        [.. fields.Texts(key, orSingle: true).Where(t => TaskId.IsValid(t.Text)).Select(t => new TaskId(t.Text)).Distinct()];

    /// <summary>The texts that name tasks, as written.</summary>
    public static IEnumerable<SourceScalar> Names(SourceMap task)
    {
        if (task.Find("switch") is not SourceMap choice) return [];
        var lists = new List<SourceNode?> { choice.Find("default") };
        if (choice.Find("cases") is SourceList cases) lists.AddRange(cases.Items.OfType<SourceMap>().Select(c => c.Find("then")));
        return lists.SelectMany(l => l switch { SourceScalar { IsEmpty: false } one => [one], SourceList many => many.Items.OfType<SourceScalar>(), _ => [] });
    }
}
