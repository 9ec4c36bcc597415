using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads the one key of a task that says what it does.</summary>
/// <param name="index">The task's.</param>
/// <param name="shell">What interprets `run` where nothing else is said beside it.</param>
internal sealed class ActionReader(Draft draft, int index, ImmutableArray<string> shell)
{
    private static readonly NoopAction s_nothing = new();

    /// <summary>The action; <c>noop</c> in place of one that cannot be read, so that the graph stays whole for the other rules.</summary>
    public TaskAction Read(Fields task)
    {
        var kind = task.OnlyOne(Vocabulary.Kinds, $"{Fields.Capital(task.Owner)} does nothing.");
        foreach (var values in (string[])["with", "params"])
            if (task.Has(values) && kind is not ("delegate" or "workflow"))
                draft.Problems.Add(ProblemCodes.Conflict, task.At(values), $"`{values}` belongs to `delegate` and `workflow`.", "Remove it, or pass values by `env`.");
        if (task.Has("with") && task.Has("params"))
            draft.Problems.Add(ProblemCodes.Conflict, task.At("params"), $"{Fields.Capital(task.Owner)} has both `with` and `params`.", "They mean the same: keep one.");
        return Of(kind, task) ?? s_nothing;
    }

    /// <summary>What a poll repeats; null where it cannot be read.</summary>
    public TaskAction? ReadCheck(Fields poll) => Of(poll.OnlyOne(Vocabulary.Checks, "`poll` checks nothing."), poll);

    private TaskAction? Of(string? kind, Fields owner)
    {
        if (kind is not ("run" or null) && owner.Has("shell"))
            draft.Problems.Add(ProblemCodes.Conflict, owner.At("shell"), $"`shell` belongs to `run`; {owner.Owner} has `{kind}`.", kind switch
            {
                "exec" => "Remove it: `exec` starts its program without a shell. For a shell write `run`.",
                "script" => "Remove it: the first line of `script` names the interpreter.",
                "container" => "Remove it: what runs inside is `command`, for a shell [sh, -c, \"...\"].",
                "wait" => "Where `wait` polls with `run`, write it next to that: `wait: {poll: {run: ..., shell: sh}}`; else remove it.",
                _ => "Remove it.",
            });
        return Read(kind, owner);
    }

    private TaskAction? Read(string? kind, Fields owner) => kind switch
    {
        "run" => Run(owner),
        "exec" => Exec(owner),
        "script" => Script(owner),
        "http" => HttpReader.Read(owner, draft, index),
        "sql" => SqlReader.Read(owner, draft, index),
        "container" => ContainerReader.Read(owner, draft, index),
        "workflow" => Call(owner),
        "wait" => WaitReader.Read(owner, draft, index, ReadCheck),
        "approval" => ApprovalReader.Read(owner, draft, index),
        "switch" => SwitchReader.Read(owner, draft, index),
        "delegate" => Delegate(owner),
        "noop" => Noop(owner),
        _ => null,
    };

    private RunAction? Run(Fields owner)
    {
        var own = ShellReader.Read(owner);
        return draft.Given(owner, "run", ExpressionPlace.Command, index) is { } text ? new(text) { Shell = own.IsEmpty ? shell : own } : null;
    }

    private ExecAction? Exec(Fields owner)
    {
        if (owner["exec"] is SourceScalar { IsEmpty: false } line)
        {
            owner.Wrong(line, "exec", "a list: the program and its arguments");
            return null;
        }
        var argv = ImmutableArray.CreateBuilder<string>();
        var texts = 0;
        foreach (var text in owner.Texts("exec"))
            if (texts++ >= 0 && draft.NoZero(text, "exec[]")) argv.Add(draft.Template(text, ExpressionPlace.Command, index));
        if (texts == 0 && owner["exec"] is { IsEmpty: true } or SourceList { Items.Count: 0 })
            draft.Problems.Add(ProblemCodes.BadValue, owner.At("exec"), "`exec` is empty.", "Name at least the program: `exec: [./load, --day, 2026-01-01]`.");
        else if (argv.Count > 0 && string.IsNullOrWhiteSpace(argv[0]))
            draft.Problems.Add(ProblemCodes.BadValue, owner.At("exec"), "`exec` begins with a blank program name.", "Name the program first.");
        return argv.Count > 0 ? new ExecAction(argv.ToImmutable()) : null;
    }

    private ScriptAction? Script(Fields owner)
    {
        if (draft.Given(owner, "script", ExpressionPlace.Task, index) is not { } script) return null;
        if (!script.StartsWith("#!", StringComparison.Ordinal))
            draft.Problems.Add(ProblemCodes.BadValue, owner.At("script"), "`script` does not begin with `#!`.", "Begin with the interpreter, for example `#!/usr/bin/env python3`.");
        else if (script.IndexOf('\n', StringComparison.Ordinal) is > 0 and var end && script[end - 1] == '\r')
            draft.Problems.Add(ProblemCodes.BadValue, owner.At("script"), "The first line of `script` ends with a carriage return (CRLF); it would become part of the interpreter's name.",
                "Use LF line endings: a block text below `script: |` has them.");
        return new(script);
    }

    private DelegateAction? Delegate(Fields owner)
    {
        var with = Values(owner, owner.Has("with") ? "with" : "params", ExpressionPlace.Task);
        return owner.Required("delegate") is { } name ? new DelegateAction(name) { With = with } : null;
    }

    private WorkflowAction? Call(Fields owner)
    {
        var outer = owner.Has("with") ? "with" : "params";
        if (owner["workflow"] is SourceScalar)
        {
            var values = Values(owner, outer, ExpressionPlace.Decided);
            return Called(owner, "workflow") is { } called ? new WorkflowAction(called) { Params = values } : null;
        }
        if (owner.Map("workflow", Vocabulary.Call, "a name or a map such as {name: child, wait: false}") is not { } fields) return null;
        if (owner.Has(outer))
            draft.Problems.Add(ProblemCodes.Conflict, owner.At(outer), $"`{outer}` goes with `workflow: name`; here it belongs inside.", "Write `workflow: {name: child, params: {...}}`.");
        var parameters = Values(fields, "params", ExpressionPlace.Decided);
        return Called(fields, "name") is { } name ? new WorkflowAction(name) { Params = parameters, Detach = fields.Flag("wait") == false } : null;
    }

    private string? Called(Fields fields, string key)
    {
        if (fields.Required(key) is null || draft.Given(fields, key, ExpressionPlace.Decided, index) is not { } name) return null;
        if (!name.Contains("${{", StringComparison.Ordinal) && !Names.IsName(name))
            draft.Problems.Add(ProblemCodes.BadValue, fields.At(key), $"`{SourceScalar.Shorten(name)}` is not a workflow name.", Names.NameRule);
        return name;
    }

    private ImmutableSortedDictionary<string, JsonElement> Values(Fields fields, string key, ExpressionPlace place)
    {
        if (!fields.Has(key)) return ImmutableSortedDictionary<string, JsonElement>.Empty;
        var values = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in fields.Entries(key))
        {
            draft.Templates(entry.Value, place, index);
            values[entry.Key] = Json.Of(entry.Value);
        }
        return values.ToImmutable();
    }

    private static NoopAction Noop(Fields task)
    {
        if (task["noop"] is not ({ IsEmpty: true } or SourceMap { Entries.Count: 0 } or SourceScalar { AsFlag: true }) and { } node)
            task.Wrong(node, "noop", "true or empty");
        return s_nothing;
    }
}
