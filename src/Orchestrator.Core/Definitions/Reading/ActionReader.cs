using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads the one key of a task that says what it does.</summary>
internal static class ActionReader
{
    private static readonly NoopAction s_nothing = new();

    /// <summary>The action; <c>noop</c> in place of one that cannot be read, so that the graph stays whole for the other rules.</summary>
    public static TaskAction Read(Fields task, Draft draft, int index)
    {
        string? kind = null;
        foreach (var candidate in Vocabulary.Kinds)
        {
            if (!task.Has(candidate)) continue;
            if (kind is not null)
                draft.Problems.Add(ProblemCodes.Conflict, task.At(candidate), $"{Fields.Capital(task.Owner)} has both `{kind}` and `{candidate}`.", "A task has exactly one kind: keep one.");
            kind ??= candidate;
        }
        if (task.Has("with") && kind != "delegate")
            draft.Problems.Add(ProblemCodes.Conflict, task.At("with"), "`with` belongs to `delegate`.", "Remove it, or pass values by `env`.");

        switch (kind)
        {
            case "run": return Run(task, draft, index);
            case "exec": return Exec(task, draft, index);
            case "script": return Script(task, draft, index);
            case "delegate": return Delegate(task, draft, index);
            case "noop": return Noop(task);
        }
        // A kind of a later version has been reported as such: not a second time as missing.
        if (!Vocabulary.LaterKinds.Any(task.Has))
            draft.Problems.Add(ProblemCodes.MissingKey, task.Span, $"{Fields.Capital(task.Owner)} does nothing.", $"Add one of {string.Join(", ", Vocabulary.Kinds)}.");
        return s_nothing;
    }

    private static TaskAction Run(Fields task, Draft draft, int index)
    {
        if (task.Required("run") is null) return s_nothing;
        var text = (SourceScalar)task["run"]!;
        return draft.NoZero(text, "run") ? new RunAction(draft.Template(text, ExpressionPlace.Task, index)) : s_nothing;
    }

    private static TaskAction Exec(Fields task, Draft draft, int index)
    {
        if (task["exec"] is SourceScalar { IsEmpty: false } line)
        {
            task.Wrong(line, "exec", "a list: the program and its arguments");
            return s_nothing;
        }
        var argv = ImmutableArray.CreateBuilder<string>();
        var texts = 0;
        foreach (var text in task.Texts("exec"))
            if (texts++ >= 0 && draft.NoZero(text, "exec[]")) argv.Add(draft.Template(text, ExpressionPlace.Task, index));
        if (texts == 0 && task["exec"] is { IsEmpty: true } or SourceList { Items.Count: 0 })
            draft.Problems.Add(ProblemCodes.BadValue, task.At("exec"), "`exec` is empty.", "Name at least the program: `exec: [./load, --day, 2026-01-01]`.");
        else if (argv.Count > 0 && string.IsNullOrWhiteSpace(argv[0]))
            draft.Problems.Add(ProblemCodes.BadValue, task.At("exec"), "`exec` begins with a blank program name.", "Name the program first.");
        return argv.Count > 0 ? new ExecAction(argv.ToImmutable()) : s_nothing;
    }

    private static TaskAction Script(Fields task, Draft draft, int index)
    {
        if (task.Required("script") is not { } script) return s_nothing;
        var text = (SourceScalar)task["script"]!;
        if (!script.StartsWith("#!", StringComparison.Ordinal))
            draft.Problems.Add(ProblemCodes.BadValue, text.Span, "`script` does not begin with `#!`.", "Begin with the interpreter, for example `#!/usr/bin/env python3`.");
        return draft.NoZero(text, "script") ? new ScriptAction(draft.Template(text, ExpressionPlace.Task, index)) : s_nothing;
    }

    private static TaskAction Delegate(Fields task, Draft draft, int index)
    {
        var with = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in task.Entries("with"))
        {
            draft.Templates(entry.Value, ExpressionPlace.Task, index);
            with[entry.Key] = Json.Of(entry.Value);
        }
        return task.Required("delegate") is { } name ? new DelegateAction(name) { With = with.ToImmutable() } : s_nothing;
    }

    private static NoopAction Noop(Fields task)
    {
        if (task["noop"] is not ({ IsEmpty: true } or SourceMap { Entries.Count: 0 } or SourceScalar { AsFlag: true }) and { } node)
            task.Wrong(node, "noop", "true or empty");
        return s_nothing;
    }
}
