using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>`shell`: what interprets the text of `run`, and who says so.</summary>
public sealed class ShellTests
{
    private const string Bash = "bash -eu -o pipefail -c", Sh = "sh -eu -c";

    [Theory]
    [InlineData("bash", Bash)]
    [InlineData("sh", Sh)]
    [InlineData("'sh'", Sh)]
    [InlineData("[python3, -c]", "python3 -c")]
    [InlineData("[awk]", "awk")]
    [InlineData("[bash, --norc, -c]", "bash --norc -c")]
    [InlineData("[/opt/python/3.10/bin/python3.10, -c]", "/opt/python/3.10/bin/python3.10 -c")]
    [InlineData("[tool, 3.10, true]", "tool 3.10 true")]
    public void A_word_or_a_command_line_names_the_shell(string written, string expected) =>
        Of($"name: a\ntasks: [{{id: x, run: y, shell: {written}}}]").ShouldBe(expected);

    [Theory]
    [InlineData("", "", "", "")]
    [InlineData("sh", "", "", Sh)]
    [InlineData("", "sh", "", Sh)]
    [InlineData("", "", "sh", Sh)]
    [InlineData("sh", "bash", "", Bash)]
    [InlineData("sh", "", "bash", Bash)]
    [InlineData("", "sh", "bash", Bash)]
    [InlineData("[perl, -e]", "bash", "sh", Sh)]
    public void The_tasks_word_goes_before_the_defaults_and_theirs_before_the_workflows(string workflow, string defaults, string task, string expected)
    {
        var text = $"name: a\n{Line("shell", workflow)}{(defaults.Length > 0 ? $"defaults: {{shell: {defaults}}}\n" : "")}";
        var own = task.Length > 0 ? $", shell: {task}" : "";
        var definition = Yaml.Valid($"{text}tasks: [{{id: x, run: y{own}}}, {{id: z, run: y, foreach: [1]{own}}}]\nhandlers: {{finally: [{{id: h, run: y{own}}}]}}");
        foreach (var one in new[] { definition.Tasks[0], definition.Tasks[1], definition.Handlers!.Finally[0] }) Of(one).ShouldBe(expected, one.Id.ToString());
        var read = DefinitionJson.Read(DefinitionJson.Write(definition));
        foreach (var one in new[] { read.Tasks[0], read.Tasks[1], read.Handlers!.Finally[0] }) Of(one).ShouldBe(expected, one.Id.ToString());
    }

    [Fact]
    public void A_poll_has_the_shell_beside_its_run()
    {
        Of("name: a\nshell: sh\ntasks: [{id: x, wait: {poll: {run: y}}}]").ShouldBe(Sh);
        Of("name: a\nshell: sh\ntasks: [{id: x, wait: {poll: {run: y, shell: bash}}}]").ShouldBe(Bash);
        Yaml.Valid("name: a\nshell: sh\ntasks: [{id: x, wait: {poll: {exec: [y]}}}]");
    }

    [Fact]
    public void Other_kinds_do_not_mind_the_shell_of_workflow_and_defaults() =>
        Yaml.Valid("name: a\nshell: sh\ndefaults: {shell: bash}\ntasks: [{id: x, exec: [y]}, {id: y, script: '#!/bin/sh'}, {id: z, noop: true}]");

    [Theory]
    [InlineData("zsh", "ORC113", "[zsh, -eu, -c]")]
    [InlineData("dash", "ORC113", "[dash, -eu, -c]")]
    [InlineData("/bin/dash", "ORC113", "[/bin/dash, -eu, -c]")]
    [InlineData("/usr/local/bin/bash", "ORC113", "[/usr/local/bin/bash, -eu, -o, pipefail, -c]")]
    [InlineData("pwsh", "ORC113", "[pwsh, -NoProfile, -Command]")]
    [InlineData("python3", "ORC113", "[python3, -c]")]
    [InlineData("node", "ORC113", "[node, -e]")]
    [InlineData("awk", "ORC113", "[awk]")]
    [InlineData("Bash", "ORC113", "Write bash.")]
    [InlineData("SH", "ORC113", "Write sh.")]
    [InlineData("bash -e {0}", "ORC113", "[bash, -e]")]
    [InlineData("perl -e", "ORC113", "[perl, -e]")]
    [InlineData("' '", "ORC113", "bash or sh")]
    [InlineData("", "ORC111", "not nothing")]
    [InlineData("''", "ORC113", "bash or sh")]
    [InlineData("true", "ORC111", "must be bash, sh or a list")]
    [InlineData("5", "ORC111", "must be bash, sh or a list")]
    [InlineData("{python3: -c}", "ORC111", "not a map")]
    [InlineData("'${{ params.p }}'", "ORC113", "Expressions are not allowed here")]
    [InlineData("[]", "ORC113", "is empty")]
    [InlineData("[' ', -c]", "ORC113", "blank program name")]
    [InlineData("['${{ params.p }}', -c]", "ORC113", "holds an expression")]
    [InlineData("[python3, {a: b}]", "ORC111", "`shell[]` must be text")]
    [InlineData("[python3, ]", "", "")]
    [InlineData("[python3, null]", "ORC111", "`shell[]` must be text")]
    [InlineData("[python3, \"a\\0b\"]", "ORC113", "zero character")]
    public void A_shell_that_cannot_be_used_is_refused_with_what_to_write(string written, string code, string words)
    {
        foreach (var text in new[]
        {
            $"name: a\nparams: {{p: x}}\nshell: {written}\ntasks:\n  - id: x\n    run: y\n",
            $"name: a\nparams: {{p: x}}\ndefaults:\n  shell: {written}\ntasks:\n  - id: x\n    run: y\n",
            $"name: a\nparams: {{p: x}}\ntasks:\n  - id: x\n    run: y\n    shell: {written}\n",
            $"name: a\nparams: {{p: x}}\ntasks:\n  - id: x\n    wait:\n      poll:\n        run: y\n        shell: {written}\n",
        })
        {
            var problems = Yaml.Problems(text);
            if (code.Length == 0) problems.ShouldBeEmpty();
            else problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.ShouldContain(code), p => p.ShouldContain(words));
        }
    }

    [Theory]
    [InlineData("exec: [y]", "without a shell")]
    [InlineData("script: '#!/bin/sh'", "names the interpreter")]
    [InlineData("container: {image: i}", "[sh, -c")]
    [InlineData("wait: {poll: {run: y}}", "poll: {run: ..., shell: sh}")]
    [InlineData("http: https://host", "Remove it")]
    [InlineData("sql: {connection: c, query: q}", "Remove it")]
    [InlineData("workflow: b", "Remove it")]
    [InlineData("approval: Go?", "Remove it")]
    [InlineData("delegate: d", "Remove it")]
    [InlineData("noop: true", "Remove it")]
    public void A_shell_beside_another_kind_is_refused_with_what_to_do(string kind, string words)
    {
        ProblemTableTests.Only($"name: a\ntasks:\n  - id: x\n    {kind}\n    shell: ^sh\n", "ORC115", words);
        if (!kind.StartsWith("approval", StringComparison.Ordinal))
            ProblemTableTests.Only($"name: a\ntasks: [{{id: x, noop: true}}]\nhandlers:\n  finally:\n  - id: h\n    {kind}\n    shell: ^sh\n", "ORC115", words);
    }

    [Fact]
    public void A_poll_of_another_kind_refuses_a_shell() =>
        ProblemTableTests.Only("name: a\ntasks:\n  - id: x\n    wait: {poll: {exec: [y], shell: ^sh}}\n", "ORC115", "`shell` belongs to `run`; `poll` has `exec`");

    [Fact]
    public void A_definition_without_a_shell_has_the_version_it_always_had()
    {
        var form = DefinitionJson.Write(Yaml.Valid("name: a\ndefaults: {timeout: 5m}\ntasks: [{id: x, run: echo}]"));
        Encoding.UTF8.GetString(form).ShouldBe(
            """{"name":"a","defaults":{"timeout":"5m"},"tasks":[{"id":"x","action":{"kind":"run","command":"echo"},"timeout":"5m"}]}""");
        ((RunAction)DefinitionJson.Read(form).Tasks[0].Action).Shell.ShouldBeEmpty();
    }

    [Fact]
    public void A_word_and_its_command_line_are_the_same_definition()
    {
        var word = DefinitionJson.Version(Yaml.Valid("name: a\ntasks: [{id: x, run: y, shell: sh}]"));
        word.ShouldBe(DefinitionJson.Version(Yaml.Valid("name: a\ntasks: [{id: x, run: y, shell: [sh, -eu, -c]}]")));
        word.ShouldNotBe(DefinitionJson.Version(Yaml.Valid("name: a\ntasks: [{id: x, run: y}]")));
        word.ShouldNotBe(DefinitionJson.Version(Yaml.Valid("name: a\ntasks: [{id: x, run: y, shell: bash}]")));
    }

    [Fact]
    public void Code_says_the_same_as_a_file()
    {
        var built = Workflow.Named("a").Shell("sh").Defaults(d => d.Shell("bash"))
            .Task("x", t => t.Run("y").Shell("python3", "-c")).Task("y", t => t.Run("y")).Task("z", t => t.Poll(p => p.Run("y").Shell(["awk"]))).Build();
        var written = Yaml.Valid("name: a\nshell: sh\ndefaults: {shell: bash}\ntasks: [{id: x, run: y, shell: [python3, -c]}, {id: y, run: y}, {id: z, wait: {poll: {run: y, shell: [awk]}}}]");
        DefinitionJson.Version(built).ShouldBe(DefinitionJson.Version(written));
        Should.Throw<DefinitionException>(() => Workflow.Named("a").Task("x", t => t.Run("y").Shell("zsh")).Build()).Message.ShouldContain("[zsh, -eu, -c]");
    }

    [Theory]
    [InlineData("eu-1", true)]
    [InlineData("'); import os", false)]
    [InlineData("a b", false)]
    [InlineData("", false)]
    public void Values_enter_the_text_of_any_interpreter_by_the_rule_of_shells(string value, bool isHarmless)
    {
        var workflow = Yaml.Valid("name: a\nparams: {p: x}\ntasks: [{id: x, run: \"print('${{ params.p }}')\", shell: [python3, -c]}]");
        var scope = Eval.Scope with { Params = new Dictionary<string, JsonElement> { ["p"] = JsonSerializer.SerializeToElement(value) } };
        var templates = TaskTemplates.Of(workflow, workflow.Tasks[0]);
        if (isHarmless) templates.Render(scope).Command.ShouldBe($"print('{value}')");
        else Should.Throw<ExpressionException>(() => templates.Render(scope));
    }

    private static string Line(string key, string value) => value.Length > 0 ? $"{key}: {value}\n" : "";

    private static string Of(string yaml) => Of(Yaml.Valid(yaml).Tasks[0]);

    private static string Of(TaskDefinition task) => string.Join(' ', (task.Action switch
    {
        WaitAction { Poll.Check: RunAction check } => check,
        var action => (RunAction)action,
    }).Shell);
}
