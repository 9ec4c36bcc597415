using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Orchestrator.Core.Definitions.Reading;
using Orchestrator.Core.Definitions.Schema;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>The schema that editors use knows the same language as the reader.</summary>
public sealed class SchemaTests
{
    private static readonly JsonSchema Schema = Strict(DefinitionSchema.Write());

    public static TheoryData<string> Samples => [.. Directory.GetFiles(Path.Combine(Root(), "config", "workflows"), "*.yaml").Select(f => Path.GetFileName(f)!)];

    [Fact]
    public void The_schema_has_exactly_the_keys_the_reader_takes()
    {
        foreach (var (name, map, keys) in DefinitionSchema.Maps())
            map["properties"]!.AsObject().Select(p => p.Key).ShouldBe(keys.Accepted, ignoreOrder: true, $"the map {name}");
    }

    [Fact]
    public void Every_key_has_a_description()
    {
        foreach (var (name, map, _) in DefinitionSchema.Maps())
            foreach (var (key, value) in map["properties"]!.AsObject())
                ((string?)value!["description"]).ShouldNotBeNullOrWhiteSpace($"{name}.{key}");
    }

    [Fact]
    public void The_file_that_ships_is_the_schema_of_this_version()
    {
        var path = Path.Combine(Root(), "config", "schema", "workflow.schema.json");
        var actual = Path.Combine(AppContext.BaseDirectory, "workflow.schema.json");
        File.WriteAllText(actual, DefinitionSchema.Write());
        File.ReadAllText(path).ShouldBe(DefinitionSchema.Write(), $"If this is meant, copy {actual} over {path} (or write `orchestrator schema` to it).");
    }

    [Theory, MemberData(nameof(Samples))]
    public void Every_sample_is_valid_by_the_schema_and_by_the_rules(string file)
    {
        var text = File.ReadAllText(Path.Combine(Root(), "config", "workflows", file));
        Problems(text).ShouldBeEmpty();
        Yaml.Valid(text).Name.ShouldBe(Path.GetFileNameWithoutExtension(file));
    }

    [Fact]
    public void The_whole_language_is_valid_by_the_schema() => Problems(Sample.Everything).ShouldBeEmpty();

    [Theory]
    [InlineData("name: a\ntasks: [{id: x, rnu: y}]")]
    [InlineData("name: a\ntasks: [{id: x, run: y, exec: [z]}]")]
    [InlineData("name: a\ntasks: [{id: x}]")]
    [InlineData("name: a b\ntasks: [{id: x, run: y}]")]
    [InlineData("name: a\ntimeout: soon\ntasks: [{id: x, run: y}]")]
    [InlineData("name: a\ntasks: [{id: x, run: y, run_when: sometimes}]")]
    [InlineData("name: a\ntasks: [{id: x, run: y, foreach: {items: [1], on_failure: panic}}]")]
    [InlineData("name: a\ntasks: [{id: x, run: y, matrix: {os: linux}}]")]
    [InlineData("name: a\ntasks: [{id: x, run: y}]\nhandlers: {finally: [{id: z, run: y, depends_on: [x]}]}")]
    [InlineData("name: a\ntasks: [{id: x, wait: {for: 1s, event: e}}]")]
    [InlineData("name: a\ntasks: [{id: x, sql: {connection: c}}]")]
    [InlineData("name: a\ntasks: [{id: x, run: y, shell: zsh}]")]
    [InlineData("name: a\nshell: {python3: -c}\ntasks: [{id: x, run: y}]")]
    public void What_the_reader_refuses_the_schema_refuses_too(string text)
    {
        Yaml.Problems(text).ShouldNotBeEmpty();
        Problems(text).ShouldNotBeEmpty();
    }

    // The dialect it names passes over words it does not know; a misspelt one in the schema must fail instead.
    private static JsonSchema Strict(string text)
    {
        var schema = JsonNode.Parse(text)!.AsObject();
        schema.Remove("$schema");
        return JsonSchema.FromText(schema.ToJsonString());
    }

    private static List<string> Problems(string yaml) =>
        [.. Schema.Evaluate(Json(yaml), new() { OutputFormat = OutputFormat.List }) is { IsValid: false, Details: var details }
            ? details!.Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}")).DefaultIfEmpty("not valid") : []];

    private static JsonElement Json(string yaml) => Core.Definitions.Reading.Json.Of(YamlSource.Read(yaml, "w.yaml", new()).ShouldNotBeNull());

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Orchestrator.sln"))) at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException("The tests run inside the repository.");
    }
}
