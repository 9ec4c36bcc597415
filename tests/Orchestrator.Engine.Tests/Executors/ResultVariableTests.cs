using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Results;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class ResultVariableTests
{
    [Fact]
    public void Results_become_variables_named_after_task_and_key()
    {
        var made = ResultVariables.Of([Of("load-eu", ("rows", 42), ("ok", true), ("none", null), ("list", new[] { 1, 2 })), Of("2nd", ("a-b", "x y"))]);
        made.Variables.Select(v => $"{v.Key}={v.Value}").ShouldBe(["load_eu__list=[1,2]", "load_eu__none=", "load_eu__ok=true", "load_eu__rows=42", "_2nd__a_b=x y"]);
        made.LeftOut.ShouldBeEmpty();
    }

    [Fact]
    public void Two_results_of_one_name_are_refused_by_both_names() =>
        Should.Throw<OutputProblemException>(() => ResultVariables.Of([Of("a-b", ("x", 1)), Of("a_b", ("x", 2))]))
            .Message.ShouldBe("The results a-b.x and a_b.x would both be the variable a_b__x: rename one of them.");

    [Fact]
    public void What_no_variable_can_carry_is_left_out_and_named()
    {
        var many = Enumerable.Range(0, 20).Select(i => Of($"t{i}", ("v", new string('x', 60_000)))).ToList();
        var made = ResultVariables.Of([Of("a", ("big", new string('x', 70_000)), ("nul", "a\0b"), ("small", 1)), .. many]);
        made.Variables.Count.ShouldBe(1 + (512 * 1024 / 60_000));
        made.LeftOut.Take(2).ShouldBe(["a__big", "a__nul"]);
        made.LeftOut.Count.ShouldBe(23 - made.Variables.Count);
    }

    [Fact]
    public async Task A_process_gets_them_below_what_is_declared_and_its_log_names_those_left_out()
    {
        using var scene = new AttemptScene();
        var attempt = scene.Shell("echo $a__x $b__x").WithEnv("b__x", "declared") with
        {
            ResultEnv = [new("a__x", "1"), new("b__x", "2")], ResultsLeftOut = ["a__big"],
        };
        await scene.DoAsync(attempt);
        File.ReadAllText(scene.LogOf(attempt)).ShouldBe("[orchestrator: left out results that are too large for a variable: a__big]\n1 declared\n");
    }

    private static AncestorResults Of(string task, params (string Key, object? Value)[] outputs) =>
        new(new(task), outputs.ToImmutableSortedDictionary(o => o.Key, o => JsonSerializer.SerializeToElement(o.Value), StringComparer.Ordinal));
}
