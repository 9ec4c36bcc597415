using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>Bounds and secrets of parameters, switches, exit codes and targets.</summary>
public sealed class KeyTests
{
    private static string[] Bind(string parameter, string value) => [.. ParameterBinder.BindText(
        Yaml.Valid($"name: a\nparams: {{p: {parameter}}}\ntasks: [{{id: x, noop: true}}]"), new Dictionary<string, string> { ["p"] = value }, DateTimeOffset.UnixEpoch, null).Problems.Select(p => p.ToString())];

    [Theory]
    [InlineData("{type: integer, min: 1, max: 10}", "1", "")]
    [InlineData("{type: integer, min: 1, max: 10}", "0", "at least 1")]
    [InlineData("{type: integer, min: 1, max: 10}", "11", "at most 10")]
    [InlineData("{type: number, min: 0.5}", "0.4999", "at least 0.5")]
    [InlineData("{type: number, max: 1e3}", "1000.0", "")]
    [InlineData("{type: number, max: 10}", "1234567890123456789012345678901234567890", "at most 10")]
    [InlineData("{type: date, min: 2026-01-01, max: 2026-12-31}", "2025-12-31", "at least 2026-01-01")]
    [InlineData("{type: date, min: 2026-01-01, max: 2026-12-31}", "2026-12-31", "")]
    [InlineData("{pattern: \"^[a-z]+$\"}", "abc", "")]
    [InlineData("{pattern: \"^[a-z]+$\"}", "Abc", "matches ^[a-z]+$")]
    [InlineData("{type: enum, values: [eu-1, us-1], pattern: \"^eu\"}", "us-1", "matches ^eu")]
    public void A_value_must_lie_within_its_bounds(string parameter, string value, string words)
    {
        var problems = Bind(parameter, value);
        if (words.Length == 0) problems.ShouldBeEmpty();
        else problems.ShouldHaveSingle(words);
    }

    [Theory]
    [InlineData("{type: integer, min: 5, max: 1}", "larger than `max`")]
    [InlineData("{type: integer, min: soon}", "whole number")]
    [InlineData("{type: string, min: 1}", "pattern")]
    [InlineData("{type: boolean, max: 1}", "belongs to integer")]
    [InlineData("{type: integer, pattern: a}", "belongs to text")]
    [InlineData("{pattern: \"(\"}", "not a pattern")]
    [InlineData("{pattern: \"(?=a)\"}", "look-around")]
    [InlineData("{type: integer, min: 5, default: 3}", "at least 5")]
    [InlineData("{type: secret}", "exactly one of `file` and `env`")]
    [InlineData("{type: secret, env: A, file: b}", "exactly one of `file` and `env`")]
    [InlineData("{type: secret, env: A, default: x}", "has no `default`")]
    [InlineData("{type: string, env: A}", "type: secret")]
    public void Bounds_that_cannot_be_kept_are_problems(string parameter, string words) => Yaml.Problems($"name: a\nparams: {{p: {parameter}}}\ntasks: [{{id: x, noop: true}}]").ShouldHaveSingle(words);

    [Theory]
    [InlineData("exec: [echo, \"${{ params.key }}\"]", "list of processes")]
    [InlineData("run: 'echo ${{ params.key }}'", "list of processes")]
    [InlineData("noop: true, if: \"params.key == 'x'\"", "without secrets")]
    [InlineData("foreach: [\"${{ params.key }}\"], noop: true", "items are kept")]
    [InlineData("workflow: c, params: {k: \"${{ params.key }}\"}", "kept in the journal")]
    [InlineData("run: 'echo ${{ env.K }}', env: {K: \"${{ params.key }}\"}", "holds a secret")]
    [InlineData("noop: true, transform: {k: \"${{ params.key }}\"}", "results are kept")]
    public void A_parameter_that_is_a_secret_is_held_to_the_rules_of_secrets(string task, string words)
    {
        var problems = Yaml.Problems($"name: a\nparams: {{key: {{type: secret, env: KEY}}}}\ntasks: [{{id: x, {task}}}]");
        problems.ShouldHaveSingle(words);
        problems[0].ShouldContain("ORC20");
    }

    [Fact]
    public void A_secret_may_be_in_an_environment_but_is_never_given_nor_bound()
    {
        var workflow = Yaml.Valid("name: a\nparams: {key: {type: secret, env: KEY}}\ntasks: [{id: x, run: echo, env: {K: \"${{ params.key }}\"}}]");
        TaskTemplates.Of(workflow, workflow.Tasks[0]).SecretParameters.Single().Secret.ShouldBe(new SecretReference(null, "KEY"));
        ParameterBinder.BindText(workflow, new Dictionary<string, string>(), DateTimeOffset.UnixEpoch, null).Values["key"].ValueKind.ShouldBe(JsonValueKind.Null);
        var refused = ParameterBinder.BindText(workflow, new Dictionary<string, string> { ["key"] = "hunter2" }, DateTimeOffset.UnixEpoch, null).Problems.ShouldHaveSingleItem().ToString();
        refused.ShouldContain("variable KEY");
        refused.ShouldNotContain("hunter2");
        Yaml.Problems("name: a\nparams: {key: {type: secret, env: KEY}}\noutputs: {k: \"${{ params.key }}\"}\nconcurrency: \"g-${{ params.key }}\"\ntasks: [{id: x, noop: true}]").Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("eu", "{\"case\":0,\"chosen\":[\"a\"],\"value\":\"eu\"}", "b c d")]
    [InlineData("ca", "{\"case\":1,\"chosen\":[\"b\",\"c\"],\"value\":\"ca\"}", "a d")]
    [InlineData("ap-1", "{\"case\":2,\"chosen\":[\"c\"],\"value\":\"ap-1\"}", "a b d")]
    [InlineData("xx", "{\"case\":-1,\"chosen\":[\"d\"],\"value\":\"xx\"}", "a b c")]
    public void A_switch_takes_the_first_case_that_fits(string value, string results, string passedOver)
    {
        var choice = (SwitchAction)Yaml.Valid("""
            name: a
            tasks:
              - {id: s, switch: {value: "${{ run.id }}", cases: [{is: eu, then: a}, {is: [us, ca], then: [b, c]}, {matches: "^ap-", then: c}, {is: eu, then: d}], default: d}}
              - {id: a, depends_on: [s], noop: true}
              - {id: b, depends_on: [s], noop: true}
              - {id: c, depends_on: [s], noop: true}
              - {id: d, depends_on: [s], noop: true}
              - {id: e, depends_on: [s], noop: true}
            """).Tasks[0].Action;
        var made = SwitchChoice.Results(choice, value);
        JsonSerializer.Serialize(made).ShouldBe(results);
        string.Join(' ', "abcde".Where(c => SwitchChoice.PassedOver(choice, made, new(c.ToString())))).ShouldBe(passedOver);
    }

    [Theory]
    [InlineData("{value: x, cases: [{is: a, then: nowhere}]}", "does not define")]
    [InlineData("{value: x, cases: [{is: a, then: free}]}", "Add 's' to the `depends_on` of 'free'")]
    [InlineData("{value: x, default: free}", "depends_on")]
    [InlineData("{value: x}", "has no `cases`")]
    [InlineData("{cases: [{is: a, then: b}]}", "`value`")]
    [InlineData("{value: x, cases: [{then: b}]}", "has nothing to compare with")]
    [InlineData("{value: x, cases: [{is: a, matches: b, then: b}]}", "both `is` and `matches`")]
    [InlineData("{value: x, cases: [{is: a}]}", "no `then`")]
    [InlineData("{value: x, cases: [{matches: \"(\", then: b}]}", "not a pattern")]
    [InlineData("{value: x, cases: [{is: \"${{ run.id }}\", then: b}]}", "expression")]
    public void A_switch_that_cannot_choose_is_a_problem(string choice, string words) =>
        Yaml.Problems($"name: a\ntasks: [{{id: s, switch: {choice}}}, {{id: b, depends_on: [s], noop: true}}, {{id: free, noop: true}}]").ShouldHaveSingle(words);

    [Theory]
    [InlineData("run: x, success_exit_codes: [0]", "1 to 255")]
    [InlineData("run: x, success_exit_codes: [256]", "1 to 255")]
    [InlineData("run: x, success_exit_codes: 3", "a list of numbers")]
    [InlineData("noop: true, success_exit_codes: [3]", "belongs to processes")]
    public void Exit_codes_are_those_a_process_can_have(string task, string words) => Yaml.Problems($"name: a\ntasks: [{{id: x, {task}}}]").ShouldHaveSingle(words);

    [Theory]
    [InlineData("", "", "", LogOutput.Combined)]
    [InlineData("separate", "", "", LogOutput.Separate)]
    [InlineData("separate", "combined", "", LogOutput.Combined)]
    [InlineData("", "separate", "combined", LogOutput.Combined)]
    [InlineData("separate", "", "combined", LogOutput.Combined)]
    public void The_nearest_word_about_output_counts(string workflow, string defaults, string task, LogOutput expected)
    {
        static string Key(string word) => word.Length == 0 ? "" : $"log_output: {word}";
        var read = Yaml.Valid($"name: a\n{Key(workflow)}\ndefaults: {{{Key(defaults)}}}\ntasks: [{{id: x, run: y{(task.Length == 0 ? "" : ", ")}{Key(task)}}}]");
        read.Tasks[0].LogOutput.ShouldBe(expected);
        DefinitionJson.Read(DefinitionJson.Write(read)).Tasks[0].LogOutput.ShouldBe(expected);
    }

    [Fact]
    public void A_target_needs_what_it_waits_for_and_nothing_else()
    {
        var workflow = Yaml.Valid("""
            name: a
            outputs: {b: "${{ tasks.b.status }}", d: "${{ tasks.d.status }}", n: "${{ run.id }}"}
            tasks:
              - {id: a, noop: true}
              - {id: b, depends_on: [a], noop: true}
              - {id: c, noop: true}
              - {id: d, depends_on: [b, c], noop: true}
            """);
        var cut = TargetSelection.Of(workflow, "b")!;
        cut.Tasks.Where(t => t.Enabled).Select(t => t.Id.ToString()).ShouldBe(["a", "b"]);
        cut.Outputs.Keys.ShouldBe(["b", "n"]);
        TargetSelection.Of(workflow, "nowhere").ShouldBeNull();
    }
}
