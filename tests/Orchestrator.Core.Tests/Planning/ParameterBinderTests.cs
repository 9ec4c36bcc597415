using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Planning;

public sealed class ParameterBinderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 9, 2, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(ParameterType.String, "\"x\"", "\"x\"")]
    [InlineData(ParameterType.String, "1.10", "\"1.10\"")]
    [InlineData(ParameterType.String, "true", "\"true\"")]
    [InlineData(ParameterType.Integer, "42", "42")]
    [InlineData(ParameterType.Integer, "\"-42\"", "-42")]
    [InlineData(ParameterType.Integer, "5.0", "5")]
    [InlineData(ParameterType.Integer, "9223372036854775807", "9223372036854775807")]
    [InlineData(ParameterType.Number, "1.50", "1.50")]
    [InlineData(ParameterType.Number, "\"2.5\"", "2.5")]
    [InlineData(ParameterType.Boolean, "false", "false")]
    [InlineData(ParameterType.Boolean, "\"true\"", "true")]
    [InlineData(ParameterType.Boolean, "\"False\"", "false")]
    [InlineData(ParameterType.Date, "\"2026-02-28\"", "\"2026-02-28\"")]
    [InlineData(ParameterType.Enum, "\"eu\"", "\"eu\"")]
    [InlineData(ParameterType.List, "[1]", "[1]")]
    [InlineData(ParameterType.Object, "{\"a\":1}", "{\"a\":1}")]
    public void A_value_of_the_type_is_taken(ParameterType type, string given, string bound)
    {
        var result = Bind(Parameter(type), given);
        result.Problems.ShouldBeEmpty();
        result.Values["p"].GetRawText().ShouldBe(bound);
    }

    [Theory]
    [InlineData(ParameterType.String, "[1]", "ORC303", "Parameter 'p' takes a text, but is '[1]'.")]
    [InlineData(ParameterType.Integer, "\"abc\"", "ORC303", "Parameter 'p' takes a whole number of 64 bits, such as 42, but is 'abc'.")]
    [InlineData(ParameterType.Integer, "1.5", "ORC303", "takes a whole number")]
    [InlineData(ParameterType.Integer, "9223372036854775808", "ORC303", "takes a whole number")]
    [InlineData(ParameterType.Number, "\"1,5\"", "ORC303", "takes a number, such as 2.5")]
    [InlineData(ParameterType.Number, "\"NaN\"", "ORC303", "takes a number, such as 2.5")]
    [InlineData(ParameterType.Boolean, "1", "ORC303", "takes true or false, but is '1'")]
    [InlineData(ParameterType.Boolean, "\"yes\"", "ORC303", "takes true or false, but is 'yes'")]
    [InlineData(ParameterType.Date, "\"2026-02-30\"", "ORC303", "takes a date, such as 2026-03-01, but is '2026-02-30'")]
    [InlineData(ParameterType.Enum, "\"Eu\"", "ORC304", "Parameter 'p' takes one of eu, us, but is 'Eu'.")]
    [InlineData(ParameterType.List, "{}", "ORC303", "takes a JSON list")]
    [InlineData(ParameterType.Object, "\"{}\"", "ORC303", "takes a JSON object")]
    public void A_value_of_another_type_is_a_problem_that_names_what_was_expected(ParameterType type, string given, string code, string message)
    {
        var problem = Bind(Parameter(type), given).Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe(code);
        problem.Message.ShouldContain(message);
        if (code == "ORC304") problem.Remedy.ShouldBe("Did you mean 'eu'?");
    }

    [Theory]
    [InlineData(ParameterType.String, "007", "\"007\"")]
    [InlineData(ParameterType.String, "", "\"\"")]
    [InlineData(ParameterType.Integer, "7", "7")]
    [InlineData(ParameterType.Boolean, "true", "true")]
    [InlineData(ParameterType.Date, "2026-01-01", "\"2026-01-01\"")]
    [InlineData(ParameterType.List, "[\"a\", 1]", "[\"a\", 1]")]
    [InlineData(ParameterType.Object, "{\"a\": 1}", "{\"a\": 1}")]
    public void The_command_line_gives_texts(ParameterType type, string text, string bound)
    {
        var result = ParameterBinder.BindText(Workflow(Parameter(type)), new Dictionary<string, string> { ["p"] = text }, Now, null);
        result.Problems.ShouldBeEmpty();
        result.Values["p"].GetRawText().ShouldBe(bound);
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var workflow = Workflow(Parameter(ParameterType.Integer), Parameter(ParameterType.Date, "day") with { Required = true });
        var result = ParameterBinder.BindText(workflow, new Dictionary<string, string> { ["p"] = "x", ["dya"] = "2026-01-01", ["zzz"] = "" }, Now, null);
        result.IsValid.ShouldBeFalse();
        result.Problems.Select(p => $"{p.Code} {p.Message} {p.Remedy}").ShouldBe(
        [
            "ORC301 Workflow 'w' has no parameter 'dya'. Did you mean 'day'?",
            "ORC301 Workflow 'w' has no parameter 'zzz'. It takes p, day.",
            "ORC303 Parameter 'p' takes a whole number of 64 bits, such as 42, but is 'x'. ",
            "ORC302 Workflow 'w' needs a value for parameter 'day'. Give a date, such as 2026-03-01.",
        ]);
        result.Problems[0].At.ShouldBe(workflow.Span);
    }

    [Theory]
    [InlineData(ParameterType.Date, "${{ date(now, -1) }}", "\"2026-03-08\"")]
    [InlineData(ParameterType.Date, "${{ date(default(schedule.due_at, now)) }}", "\"2026-03-07\"")]
    [InlineData(ParameterType.Integer, "${{ 1 + 1 }}", "2")]
    [InlineData(ParameterType.Integer, "${{ env.COUNT }}", "3")]
    [InlineData(ParameterType.List, "${{ ['a', env.COUNT] }}", "[\"a\",\"3\"]")]
    [InlineData(ParameterType.String, "x-${{ schedule.id }}", "\"x-nightly\"")]
    [InlineData(ParameterType.String, "$${{ x }}", "\"${{ x }}\"")]
    public void A_default_may_use_the_time_the_environment_and_the_schedule(ParameterType type, string fallback, string bound)
    {
        var parameter = Parameter(type) with { Default = JsonSerializer.SerializeToElement(fallback) };
        var workflow = Workflow(parameter) with { Env = ImmutableSortedDictionary<string, string>.Empty.Add("COUNT", "3") };
        var result = ParameterBinder.Bind(workflow, new Dictionary<string, JsonElement> { ["p"] = Eval.Json("null") }, Now, new("nightly", Now.AddDays(-2)));
        result.Problems.ShouldBeEmpty();
        result.Values["p"].GetRawText().ShouldBe(bound);
    }

    [Theory]
    [InlineData("${{ params.other }}", "uses params.other, which does not exist before the run.")]
    [InlineData("${{ secrets.DB }}", "uses secrets.DB")]
    [InlineData("${{ 1 / 0 }}", "cannot be evaluated: ${{ 1 / 0 }}: '/' by zero.")]
    [InlineData("ab ${{ 1 + }}", "character 12: A value was expected")]
    public void A_default_that_cannot_be_had_is_a_problem(string fallback, string message)
    {
        var parameter = Parameter(ParameterType.String) with { Default = JsonSerializer.SerializeToElement(fallback) };
        var problem = ParameterBinder.Bind(Workflow(parameter), new Dictionary<string, JsonElement>(), Now, null).Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe("ORC305");
        problem.Message.ShouldContain(message);
    }

    [Fact]
    public void An_optional_parameter_without_value_is_null() =>
        ParameterBinder.Bind(Workflow(Parameter(ParameterType.String)), new Dictionary<string, JsonElement>(), Now, null)
            .Values["p"].ValueKind.ShouldBe(JsonValueKind.Null);

    [Fact]
    public void A_default_of_the_wrong_type_is_a_problem() =>
        Bind(Parameter(ParameterType.Integer) with { Default = Eval.Json("\"many\"") }, "null").Problems.ShouldHaveSingleItem()
            .Message.ShouldBe("Parameter 'p' takes a whole number of 64 bits, such as 42, but is by default 'many'.");

    [Fact]
    public void A_huge_value_is_refused_and_not_echoed()
    {
        var problem = Bind(Parameter(ParameterType.String), $"\"{new string('x', 2_000_000)}\"").Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe("ORC306");
        problem.Message.Length.ShouldBeLessThan(200);
    }

    [Theory]
    [InlineData(ParameterType.String, "\"a\\ud800\"")]
    [InlineData(ParameterType.List, "[\"\\ud800\"]")]
    [InlineData(ParameterType.Object, "{\"\\ud800\":1}")]
    public void Text_that_is_no_text_is_refused(ParameterType type, string json)
    {
        var problem = Bind(Parameter(type), json).Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe("ORC307");
        problem.Message.ShouldStartWith("The value of parameter 'p'");
        if (type != ParameterType.String)
            ParameterBinder.BindText(Workflow(Parameter(type)), new Dictionary<string, string> { ["p"] = json }, Now, null).Problems.ShouldHaveSingleItem().Code.ShouldBe("ORC307");
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(200, false)]
    public void A_value_that_is_nested_too_deep_is_refused(int depth, bool fits)
    {
        var json = new string('[', depth) + new string(']', depth);
        var bound = Bind(Parameter(ParameterType.List), json);
        bound.IsValid.ShouldBe(fits);
        if (!fits) bound.Problems.ShouldHaveSingleItem().Message.ShouldContain("is nested more than 64 levels deep");
        ParameterBinder.BindText(Workflow(Parameter(ParameterType.List)), new Dictionary<string, string> { ["p"] = json }, Now, null).IsValid.ShouldBe(fits);
    }

    private static BoundParameters Bind(ParameterDefinition parameter, string json) =>
        ParameterBinder.Bind(Workflow(parameter), new Dictionary<string, JsonElement> { ["p"] = Eval.Json(json) }, Now, null);

    private static ParameterDefinition Parameter(ParameterType type, string name = "p") => new() { Name = name, Type = type, Values = ["eu", "us"] };

    private static WorkflowDefinition Workflow(params ImmutableArray<ParameterDefinition> parameters) => new()
    {
        Name = "w", Params = parameters, Tasks = [new() { Id = new("t"), Action = new NoopAction() }], Span = new("w.yaml", 1, 1),
    };
}
