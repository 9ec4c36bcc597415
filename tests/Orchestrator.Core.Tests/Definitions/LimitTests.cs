using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Definitions.Reading;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

public sealed class LimitTests
{
    [Fact]
    public void An_alias_bomb_is_refused_at_the_alias_that_passes_the_bound()
    {
        var yaml = new StringBuilder("a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n");
        for (var c = 'b'; c <= 'j'; c++)
            yaml.Append(c).Append(": &").Append(c).Append(" [").AppendJoin(", ", Enumerable.Repeat($"*{(char)(c - 1)}", 10)).Append("]\n");
        var problem = DefinitionReader.Read(yaml.ToString(), "w.yaml").Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe(ProblemCodes.TooLarge);
        problem.At.Line.ShouldBe(7);
    }

    [Theory]
    [InlineData("[", "")]
    [InlineData("{a: ", "")]
    [InlineData("- ", "")]
    [InlineData("? ", "")]
    public void Deep_nesting_is_refused_without_a_deep_stack(string open, string close)
    {
        var yaml = string.Concat(Enumerable.Repeat(open, 100_000)) + string.Concat(Enumerable.Repeat(close, 100_000));
        DefinitionReader.Read(yaml, "w.yaml").Problems.ShouldHaveSingleItem().Code.ShouldBeOneOf(ProblemCodes.TooLarge, ProblemCodes.UnsupportedYaml);
    }

    [Fact]
    public void Aliases_cannot_deepen_the_tree_past_the_bound()
    {
        var yaml = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 70; i++) yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}]\n");
        DefinitionReader.Read(yaml.ToString(), "w.yaml").Problems.ShouldHaveSingleItem().Code.ShouldBe(ProblemCodes.TooLarge);
    }

    [Fact]
    public void A_text_over_the_bound_is_refused_unread() =>
        DefinitionReader.Read(new byte[DefinitionReader.MaxBytes + 1], "w.yaml").Problems.ShouldHaveSingleItem().Code.ShouldBe(ProblemCodes.TooLarge);

    [Fact]
    public void A_hundred_thousand_tasks_are_accepted_and_one_more_is_not()
    {
        DefinitionReader.Read(Tasks(100_000), "w.yaml").Workflow!.Tasks.Length.ShouldBe(100_000);
        DefinitionReader.Read(Tasks(100_001), "w.yaml").Problems.ShouldHaveSingleItem().Code.ShouldBe(ProblemCodes.TooLarge);
    }

    [Fact]
    public void A_chain_of_five_thousand_and_a_fan_of_fifty_thousand_are_valid()
    {
        Yaml.Valid(Chain(5_000)).Tasks.Length.ShouldBe(5_000);
        Yaml.Valid(Fan(50_000)).Tasks.Length.ShouldBe(50_002);
    }

    [Fact]
    public void A_cycle_of_five_thousand_tasks_is_told_shortly()
    {
        var problem = DefinitionReader.Read(Chain(5_000).Replace("{id: t0, noop: true}", "{id: t0, noop: true, depends_on: [t4999]}", StringComparison.Ordinal), "w.yaml").Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe(ProblemCodes.Cycle);
        problem.Message.ShouldContain("(5000 tasks)");
        problem.Message.Length.ShouldBeLessThan(300);
    }

    [Fact]
    public void More_problems_than_anyone_reads_are_counted_not_listed()
    {
        var yaml = "name: a\ntasks:\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"  - {{id: t{i}}}\n"));
        var problems = DefinitionReader.Read(yaml, "w.yaml").Problems;
        problems.Length.ShouldBe(ProblemLog.Limit + 1);
        problems[^1].Message.ShouldStartWith("4000 more problems");
    }

    [Fact]
    public void References_far_up_a_long_chain_are_followed()
    {
        var yaml = "name: a\ntasks:\n  - {id: t0, noop: true}\n" + string.Concat(Enumerable.Range(1, 3000).Select(i =>
            $"  - {{id: t{i}, run: 'echo ${{{{ tasks.t{i / 2}.status }}}}', depends_on: [t{i - 1}]}}\n"));
        Yaml.Valid(yaml).Tasks.Length.ShouldBe(3001);
    }

    internal static string Chain(int count) => "name: a\ntasks:\n" + string.Concat(Enumerable.Range(0, count).Select(i =>
        i == 0 ? "  - {id: t0, noop: true}\n" : $"  - {{id: t{i}, noop: true, depends_on: [t{i - 1}]}}\n"));

    internal static string Fan(int count) => "name: a\ntasks:\n  - {id: first, noop: true}\n" + Nodes(count, ", depends_on: [first]")
        + $"  - {{id: last, noop: true, depends_on: [{string.Join(", ", Enumerable.Range(0, count).Select(i => $"t{i}"))}]}}\n";

    private static string Tasks(int count) => "name: a\ntasks:\n" + Nodes(count, "");

    private static string Nodes(int count, string more) => string.Concat(Enumerable.Range(0, count).Select(i => $"  - {{id: t{i}, run: 'echo {i}'{more}}}\n"));
}
