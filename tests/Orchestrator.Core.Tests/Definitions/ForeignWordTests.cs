using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>Words that people bring: the error says what to write here, at the place where it stands.</summary>
public sealed class ForeignWordTests
{
    [Theory]
    [InlineData("steps: [{id: a, run: b}]", "tasks:")]
    [InlineData("jobs: {a: {}}", "tasks:")]
    [InlineData("on: [push]", "schedules:")]
    [InlineData("schedule_interval: 0 2 * * *", "cron: \"0 2 * * *\"")]
    [InlineData("handlerOn: {failure: {}}", "handlers:")]
    [InlineData("maxParallel: 3", "`max_parallel`")]
    [InlineData("max-parallel: 3", "`max_parallel`")]
    [InlineData("inputs: {a: b}", "params:")]
    [InlineData("retryPolicy: {limit: 3}", "max_attempts: 3")]
    public void Of_a_workflow(string line, string remedy)
    {
        var problem = Yaml.Problems($"name: a\n{line}\ntasks: [{{id: x, noop: true}}]").ShouldHaveSingleItem();
        problem.ShouldStartWith("w.yaml:2:1: ORC110");
        problem.ShouldContain(remedy);
        problem.ShouldNotContain("Known keys");
    }

    [Theory]
    [InlineData("needs: [a, b]", "depends_on: [a, b]")]
    [InlineData("depends: a", "depends_on: [a]")]
    [InlineData("command: make all", "run: make all")]
    [InlineData("when: params.x", "if: params.x")]
    [InlineData("continue-on-error: true", "allow_failure: true")]
    [InlineData("continueOnError: true", "allow_failure: true")]
    [InlineData("retries: 3", "retry: {retries: 3}")]
    [InlineData("retryPolicy: {limit: 3}", "retry: {max_attempts: 3")]
    [InlineData("timeout-minutes: 10", "timeout: 10m")]
    [InlineData("dependsOn: a", "`depends_on`")]
    [InlineData("working-directory: src", "working_dir: src")]
    [InlineData("name: Build", "id: Build")]
    [InlineData("trigger_rule: all_done", "run_when:")]
    public void Of_a_task(string line, string remedy)
    {
        var problem = Yaml.Problems($"name: a\ntasks:\n  - id: x\n    noop: true\n    {line}\n").ShouldHaveSingleItem();
        problem.ShouldStartWith("w.yaml:5:5: ORC110");
        problem.ShouldContain(remedy);
        problem.ShouldNotContain("Known keys");
    }

    [Fact]
    public void An_unknown_word_is_answered_without_the_list_of_all_keys()
    {
        var problem = Yaml.Problems("name: a\ntasks: [{id: x, noop: true, frobnicate: 1}]").ShouldHaveSingleItem();
        problem.Length.ShouldBeLessThan(200);
        problem.ShouldContain("config/README.md");
    }

    [Fact]
    public void Tasks_as_a_map_are_told_how_a_list_is_written() =>
        Yaml.Problems("name: a\ntasks:\n  build: {run: make}\n  test: {run: make test}\n").ShouldHaveSingle("`- id: build`");

    [Theory]
    [InlineData("/opt/bin:${PATH}", "${PATH}")]
    [InlineData("/opt/bin:$PATH", "$PATH")]
    [InlineData("${HOME}/x", "${HOME}")]
    [InlineData("${{ params.p }}/${ABC}", "${ABC}")]
    public void Variables_in_env_are_not_expanded_and_say_so(string value, string found)
    {
        foreach (var text in (string[])[$"name: a\nparams: {{p: 1}}\nenv: {{X: '{value}'}}\ntasks: [{{id: x, noop: true}}]", $"name: a\nparams: {{p: 1}}\ntasks: [{{id: x, noop: true, env: {{X: '{value}'}}}}]"])
            Yaml.Problems(text).ShouldHaveSingle($"`{found}`");
    }

    [Theory]
    [InlineData("pa$word")]
    [InlineData("$5")]
    [InlineData("${{ params.p }}")]
    [InlineData("${{ ''${PATH}'' }}")]
    [InlineData("a{b}$")]
    public void What_only_looks_like_a_variable_is_text(string value) => Yaml.Valid($"name: a\nparams: {{p: 1}}\nenv: {{X: '{value}'}}\ntasks: [{{id: x, noop: true}}]");

    [Theory]
    [InlineData("always()", "run_when: all_done")]
    [InlineData("failure()", "run_when: one_failed")]
    [InlineData("steps.a.outputs.b == 1", "tasks.ID.outputs.KEY")]
    [InlineData("needs.a.result == 'x'", "tasks.ID.outputs.KEY")]
    [InlineData("inputs.day == 'x'", "params.NAME")]
    [InlineData("params.a and params.b", "operator")]
    public void Of_expressions(string condition, string remedy) =>
        Yaml.Problems($"name: a\nparams: {{a: true, b: true}}\ntasks: [{{id: x, noop: true, if: \"{condition}\"}}]").ShouldHaveSingle(remedy);

    [Theory]
    [InlineData("1 +")]
    [InlineData("params.nothing")]
    [InlineData("params.")]
    [InlineData("a b")]
    [InlineData("(1")]
    [InlineData("foo(1)")]
    [InlineData("upper()")]
    [InlineData("tasks.x")]
    [InlineData("tasks.nowhere.status")]
    [InlineData("1 = 2")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("run.nothing")]
    [InlineData("item")]
    [InlineData("1 < 2 < 3")]
    public void Each_expression_error_has_its_expression_and_a_remedy(string expression)
    {
        var problem = Orchestrator.Core.Definitions.DefinitionReader.Read($$$"""
            name: a
            tasks: [{id: y, noop: true}, {id: x, depends_on: [y], exec: [echo, "{{{"${{ " + expression + " }}"}}}"]}]
            """, "w.yaml").Problems.ShouldHaveSingleItem();
        problem.Remedy.ShouldNotBeNullOrWhiteSpace(problem.ToString());
        problem.Message.ShouldStartWith($"${{{{ {expression} }}}}: ", Case.Sensitive, problem.ToString());
    }

    [Theory]
    [InlineData("name: a\ntasks:\n\t- id: x\n", 3, 1, "tab")]
    [InlineData("name: a\ntasks:\n  - id: x\n  \trun: y\n", 4, 3, "tab")]
    [InlineData("name: a\ntasks:\n  - id: x\n    run: @y\n", 4, 10, "quotes")]
    [InlineData("name: a\ntasks: [{id: x, run: `y`}]\n", 2, 22, "quotes")]
    [InlineData("name: a\ntasks:\n  - {id: x, run: y\n", 4, 1, "'}'")]
    [InlineData("name: a\ntasks:\n  - [x\n", 4, 1, "']'")]
    [InlineData("name: a\ndescription: 'open\n", 2, 14, "quotes")]
    [InlineData("name: a\ndescription: \"\\q\"\n", 2, 15, "escape")]
    [InlineData("name: a\ndescription: a: b\n", 2, 15, "quotes")]
    [InlineData("name: a\n tasks: []\n", 2, 7, "value")]
    [InlineData("name: a\ntasks:\n  - id: x\n noop: true\n", 4, 2, "indent")]
    [InlineData("name: a\njust words\ntasks: []\n", 2, 1, "key: value")]
    public void Every_scanner_error_stands_at_its_line_and_column_in_plain_words(string text, int line, int column, string word)
    {
        var problem = Orchestrator.Core.Definitions.DefinitionReader.Read(text, "w.yaml").Problems.ShouldHaveSingleItem();
        (problem.Code, problem.At.Line, problem.At.Column).ShouldBe(("ORC101", line, column), problem.ToString());
        $"{problem.Message} {problem.Remedy}".ShouldContain(word);
        problem.Message.ShouldNotContain("While");
        problem.Message.ShouldNotContain("…");
        problem.Remedy.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_script_whose_first_line_ends_with_a_carriage_return_is_named() =>
        Yaml.Problems("name: a\ntasks: [{id: x, script: \"#!/bin/sh\\r\\necho\\r\\n\"}]").ShouldHaveSingle("CRLF");
}
