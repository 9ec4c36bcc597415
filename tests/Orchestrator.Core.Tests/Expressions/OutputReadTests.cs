using Orchestrator.Core.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class OutputReadTests
{
    [Theory]
    [InlineData("1 + params.x", "")]
    [InlineData("tasks.a.status == 'failed' && tasks.a.exit_code > 0", "")]
    [InlineData("tasks.a.outputs.n", "tasks.a.outputs.n")]
    [InlineData("tasks.a.outputs.n + tasks.a.outputs.n + tasks['b-c'].outputs['x y']", "tasks.a.outputs.n tasks.b-c.outputs.x y")]
    [InlineData("tasks.a.outputs", "tasks.a.outputs")]
    [InlineData("tasks.a.outputs[params.x]", "tasks.a.outputs")]
    [InlineData("[1, !(-tasks.a.outputs.n > 1) ? tasks.b.outputs.m[tasks.c.outputs.i].k : upper(tasks.d.outputs.t)]", "tasks.a.outputs.n tasks.b.outputs.m tasks.c.outputs.i tasks.d.outputs.t")]
    [InlineData("default(tasks.a.outputs.n, 1) == 1 || tasks.b.outputs.n == 2", "tasks.a.outputs.n tasks.b.outputs.n")]
    [InlineData("json(tasks.a.outputs.n).password", "tasks.a.outputs.n")]
    public void What_is_read_of_results_is_known_before_it_is_evaluated(string text, string reads) =>
        string.Join(' ', Eval.Parse(text).OutputReads).ShouldBe(reads);

    [Theory]
    [InlineData("upper(tasks.check.outputs.token)", true)]
    [InlineData("to_json(tasks.check.outputs)", true)]
    [InlineData("tasks.check.outputs.open", false)]
    [InlineData("tasks.check.status", false)]
    public void What_an_expression_makes_of_a_secret_result_is_secret(string text, bool isSecret)
    {
        var derived = new DerivedSecrets();
        derived.AddOutput(new("check", "token"));
        var outputs = new Dictionary<string, System.Text.Json.JsonElement> { ["token"] = System.Text.Json.JsonElement.Parse("\"quicksilver\""), ["open"] = System.Text.Json.JsonElement.Parse("\"nothing\"") };
        var scope = Eval.Scope with { Derived = derived, Tasks = new Dictionary<string, TaskFacts> { ["check"] = new("completed", outputs, 0, 1, 1) } };
        var value = Eval.Parse(text).Evaluate(scope).ToText();
        derived.Values.Contains(value).ShouldBe(isSecret);
    }
}
