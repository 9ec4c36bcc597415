using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

public sealed class MatrixTests
{
    [Theory]
    [InlineData("os: [a, b], include: [{os: a, image: x}]", """{"os":"a","image":"x"}""", """{"os":"b"}""")]
    [InlineData("os: [a, b], include: [{image: x}]", """{"os":"a","image":"x"}""", """{"os":"b","image":"x"}""")]
    [InlineData("os: [a], include: [{os: c, image: x}]", """{"os":"a"}""", """{"image":"x","os":"c"}""")]
    [InlineData("os: [a, b], v: [1], include: [{image: x}, {os: a, image: y}]", """{"os":"a","v":1,"image":"y"}""", """{"os":"b","v":1,"image":"x"}""")]
    [InlineData("include: [{os: a, v: 3.10}, {os: b}]", """{"os":"a","v":3.10}""", """{"os":"b"}""")]
    [InlineData("os: [a, b], exclude: [{os: b}], include: [{os: b, v: 2}]", """{"os":"a"}""", """{"os":"b","v":2}""")]
    [InlineData("axes: {os: [a]}, include: [{os: \"${{ params.other }}\"}]", """{"os":"a"}""", """{"os":"z"}""")]
    public void Include_adds_members_to_the_combinations_it_agrees_with_or_a_combination(string matrix, params string[] combinations)
    {
        var workflow = Yaml.Valid($"name: a\nparams: {{other: z}}\ntasks: [{{id: x, matrix: {{{matrix}}}, noop: true}}]");
        var scope = new Core.Expressions.ExpressionScope
        {
            Run = new("r", "w", "t", DateTimeOffset.UnixEpoch, "manual"), Params = ParameterBinder.BindText(workflow, new Dictionary<string, string>(), DateTimeOffset.UnixEpoch, null).Values,
        };
        TaskTemplates.Of(workflow, workflow.Tasks[0]).Items(scope).Select(i => i.GetRawText()).ShouldBe(combinations);
        TaskTemplates.Of(workflow, DefinitionJson.Read(DefinitionJson.Write(workflow)).Tasks[0]).Items(scope).Select(i => i.GetRawText()).ShouldBe(combinations);
    }

    [Fact]
    public void What_include_adds_can_be_named_and_nothing_else()
    {
        Yaml.Valid("name: a\ntasks: [{id: x, matrix: {os: [a], include: [{image: x}]}, exec: [echo, \"${{ matrix.image }}\"]}]");
        Yaml.Problems("name: a\ntasks: [{id: x, matrix: {os: [a], include: [{image: x}]}, exec: [echo, \"${{ matrix.imgae }}\"]}]").ShouldHaveSingle("image");
        Yaml.Problems("name: a\ntasks: [{id: x, matrix: {os: [a], include: {image: x}}, noop: true}]").ShouldHaveSingle("include");
        Yaml.Problems("name: a\ntasks: [{id: x, matrix: {os: [a], include: [x]}, noop: true}]").ShouldHaveSingle("include[]");
    }

    [Fact]
    public void To_exclude_a_version_is_not_to_exclude_another()
    {
        var workflow = Yaml.Valid("name: a\ntasks: [{id: x, matrix: {py: [3.1, 3.10], exclude: [{py: 3.1}]}, exec: [echo, \"${{ matrix.py }}\"]}]");
        TaskTemplates.Of(workflow, workflow.Tasks[0]).Items(new() { Run = new("r", "w", "t", DateTimeOffset.UnixEpoch, "manual") }).ShouldHaveSingleItem().GetRawText().ShouldBe("""{"py":3.10}""");
    }
}
