using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>A plain scalar keeps its own text wherever it becomes a value.</summary>
public sealed class OwnTextTests
{
    public static TheoryData<string> Numbers => ["3.10", "3.9", "1.0", "0", "-0", "-1.50", "7e3", "1E5", "12345678901234567890", "0.10000000000000000000000000000000000001",
        "1234567890123456789012345678901234567890", "1e400", "12345e67"];

    public static TheoryData<string> Texts => ["007", "+1", "1_000", "0x1F", ".5", "3.", "1.2.3", "1e", "NaN", "Infinity", "2026-01-31", "True", "yes"];

    [Theory, MemberData(nameof(Numbers)), MemberData(nameof(Texts))]
    public void In_a_foreach_a_matrix_and_what_is_passed_on(string text)
    {
        var workflow = Yaml.Valid("""
            name: a
            tasks:
              - {id: each, foreach: [%T], exec: [echo, "${{ item }}"]}
              - {id: grid, matrix: {v: [%T] }, exec: [echo, "${{ matrix.v }}"]}
              - {id: post, http: {method: POST, url: "http://x", json: {v: %T } } }
              - {id: call, delegate: d, with: {v: %T } }
              - {id: child, workflow: c, params: {v: %T } }
            """.Replace("%T", text, StringComparison.Ordinal));
        Item(workflow, 0).ShouldBe(text);
        Item(workflow, 1).ShouldBe(text);
        Text(((HttpAction)workflow.Tasks[2].Action).Json!.Value.GetProperty("v")).ShouldBe(text);
        Text(((DelegateAction)workflow.Tasks[3].Action).With["v"]).ShouldBe(text);
        Bound("v: ", ((WorkflowAction)workflow.Tasks[4].Action).Params["v"]).ShouldBe(text);
        DefinitionJson.Write(DefinitionJson.Read(DefinitionJson.Write(workflow))).ShouldBe(DefinitionJson.Write(workflow));
    }

    [Theory, MemberData(nameof(Numbers))]
    public void As_the_default_of_a_parameter_and_through_expressions(string text)
    {
        var workflow = Yaml.Valid($"name: a\nparams: {{plain: {text}, said: {{type: string, default: {text}}}, number: {{type: number, default: {text}}}}}\nlabels: {{v: {text}}}\nenv: {{V: {text}}}\ntasks: [{{id: x, noop: true}}]");
        var bound = ParameterBinder.Bind(workflow, new Dictionary<string, JsonElement>(), DateTimeOffset.UnixEpoch, null);
        bound.Problems.ShouldBeEmpty();
        var scope = new ExpressionScope { Run = new("r", "w", "t", DateTimeOffset.UnixEpoch, "manual"), Params = bound.Values };
        foreach (var name in (string[])["said", "number"]) Rendered($"${{{{ params.{name} }}}}", scope).ShouldBe(text, name);
        Rendered("${{ params.plain }}", scope).ShouldBe(text == "-0" ? "0" : text);
        Rendered("${{ join([params.number, params.said], ' ') }}/${{ string(params.number) }}/${{ format('{0}', params.number) }}", scope).ShouldBe($"{text} {text}/{text}/{text}");
        (workflow.Labels["v"], workflow.Env["V"]).ShouldBe((text, text));
    }

    [Theory]
    [InlineData("7e3", "params.v + 1 == 7001 && params.v == 7000 && params.v < 7001")]
    [InlineData("3.10", "params.v == 3.1 && params.v > 3.09")]
    [InlineData("1234567890123456789012345678901234567890", "params.v == params.v && params.v != 5")]
    public void Numbers_still_calculate_and_compare(string text, string condition)
    {
        var scope = new ExpressionScope { Run = new("r", "w", "t", DateTimeOffset.UnixEpoch, "manual"), Params = new Dictionary<string, JsonElement> { ["v"] = JsonDocument.Parse(text).RootElement } };
        Expression.TryParseCondition(condition, out var parsed, out _).ShouldBeTrue();
        parsed!.EvaluateCondition(scope).ShouldBeTrue();
    }

    [Fact]
    public void A_number_too_large_to_calculate_with_says_so_when_it_is_calculated_with()
    {
        var scope = new ExpressionScope { Run = new("r", "w", "t", DateTimeOffset.UnixEpoch, "manual"), Params = new Dictionary<string, JsonElement> { ["v"] = JsonDocument.Parse(new string('9', 40)).RootElement } };
        Expression.TryParse("params.v + 1", out var sum, out _).ShouldBeTrue();
        Should.Throw<ExpressionException>(() => sum!.Evaluate(scope)).Message.ShouldContain("too large");
    }

    [Fact]
    public void Code_gives_the_same_values()
    {
        var built = Workflow.Named("a").Task("x", t => t.ForEach(new object[] { 3.10m, 12345678901234567890UL, "007" }).Noop()).Build();
        var read = Yaml.Valid("name: a\ntasks: [{id: x, foreach: {items: [3.10, 12345678901234567890, \"007\"]}, noop: true}]");
        DefinitionJson.Version(built).ShouldBe(DefinitionJson.Version(read));
    }

    private static string Item(WorkflowDefinition workflow, int task) =>
        JsonDocument.Parse(Items(workflow, task).ShouldHaveSingleItem()).RootElement is var item && item.ValueKind == JsonValueKind.Object ? Text(item.GetProperty("v")) : Text(item);

    private static string[] Items(WorkflowDefinition workflow, int task) =>
        [.. TaskTemplates.Of(workflow, workflow.Tasks[task]).Items(new() { Run = new("r", "w", "t", DateTimeOffset.UnixEpoch, "manual") }).Select(i => i.GetRawText())];

    private static string Bound(string parameter, JsonElement value)
    {
        var child = Yaml.Valid($"name: c\nparams: {{{parameter}}}\ntasks: [{{id: x, noop: true}}]");
        return ParameterBinder.Bind(child, new Dictionary<string, JsonElement> { ["v"] = value }, DateTimeOffset.UnixEpoch, null).Values["v"].GetString()!;
    }

    private static string Rendered(string template, ExpressionScope scope)
    {
        Template.TryParse(template, out var parsed, out _).ShouldBeTrue();
        return parsed!.Render(scope, TemplateMode.Text);
    }

    private static string Text(JsonElement value) => ExpressionValue.FromJson(value).ToText();
}
