using System.Text;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Definitions;

/// <summary>Variables, output, bounds, secrets, switches and numbers have one version, whether they are written as YAML, JSON or C#.</summary>
public sealed class KeyNotationTests
{
    private const string AsYaml = """
        name: keys
        params:
          n: {type: integer, min: 1, max: 10, default: 3}
          code: {type: string, pattern: "^[a-z]+$", default: abc}
          key: {type: secret, env: API_KEY}
          long: 12345678901234567890
        dotenv: [.env, more.env]
        inherit_env: ["*"]
        log_output: separate
        keep_run_dir: never
        tasks:
          - {id: a, run: "true", success_exit_codes: [4, 3], log_output: combined}
          - {id: s, depends_on: [a], switch: {value: "${{ params.code }}", cases: [{is: x, then: b}, {matches: "^y", then: c}], default: [c]}}
          - {id: b, depends_on: [s], noop: true, foreach: [3.10, 7e3]}
          - {id: c, depends_on: [s], noop: true, matrix: {axes: {py: [3.9, 3.10]}, include: [{py: 3.9, image: old}]}}
        """;

    private const string AsJson = """
        {"Orchestrator": {"Workflows": {"Inline": {"keys": {
          "params": {"n": {"type": "integer", "min": 1, "max": 10, "default": 3}, "code": {"pattern": "^[a-z]+$", "type": "string", "default": "abc"},
                     "key": {"type": "secret", "env": "API_KEY"}, "long": 12345678901234567890},
          "dotenv": [".env", "more.env"], "inherit_env": ["*"], "log_output": "separate", "keep_run_dir": "never",
          "tasks": [
            {"id": "a", "run": "true", "success_exit_codes": [3, 4], "log_output": "combined"},
            {"id": "s", "depends_on": ["a"], "switch": {"value": "${{ params.code }}", "cases": [{"is": "x", "then": "b"}, {"matches": "^y", "then": ["c"]}], "default": "c"}},
            {"id": "b", "depends_on": "s", "noop": true, "foreach": [3.10, 7e3]},
            {"id": "c", "depends_on": "s", "noop": true, "matrix": {"axes": {"py": [3.9, 3.10]}, "include": [{"py": 3.9, "image": "old"}]}}
          ]
        }}}}}
        """;

    private static WorkflowDefinition Built() => Workflow.Named("keys")
        .Param("n", ParameterType.Integer, 3, min: 1, max: 10).Param("code", ParameterType.String, "abc", pattern: "^[a-z]+$").SecretParamFromEnv("key", "API_KEY").Param("long", 12345678901234567890UL)
        .Dotenv(".env", "more.env").InheritEnv("*").LogOutput(LogOutput.Separate).KeepRunDir(KeepRule.Never)
        .Task("a", t => t.Run("true").SuccessExitCodes(3, 4).LogOutput(LogOutput.Combined))
        .Task("s", t => t.DependsOn("a").Switch("${{ params.code }}", [new("x", "b"), new("/^y/", "c")], "c"))
        .Task("b", t => t.DependsOn("s").Noop().ForEach(new object[] { 3.10m, JsonNumber("7e3") }))
        .Task("c", t => t.DependsOn("s").Noop().Matrix([new("py", new object[] { 3.9, 3.10m })], include: [new Dictionary<string, object?> { ["py"] = 3.9, ["image"] = "old" }]))
        .Build();

    private static System.Text.Json.JsonElement JsonNumber(string text) => System.Text.Json.JsonDocument.Parse(text).RootElement;

    [Fact]
    public void One_definition_has_one_version_in_yaml_configuration_and_code()
    {
        var yaml = DefinitionReader.Read(AsYaml, "w.yaml");
        yaml.Problems.ShouldBeEmpty();
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(AsJson))).Build();
        var inline = InlineDefinitions.Read(configuration).ShouldHaveSingleItem().Result;
        inline.Problems.ShouldBeEmpty();
        var expected = Encoding.UTF8.GetString(DefinitionJson.Write(yaml.Workflow!));
        Encoding.UTF8.GetString(DefinitionJson.Write(inline.Workflow!)).ShouldBe(expected);
        Encoding.UTF8.GetString(DefinitionJson.Write(Built())).ShouldBe(expected);
    }

    [Fact]
    public void A_folder_gives_every_document_and_a_broken_one_keeps_its_last_version()
    {
        using var folder = new Folder();
        folder.Write("all.yaml", "name: a\ntasks: [{id: x, workflow: b}]\n---\nname: b\ntasks: [{id: x, noop: true}]\n---\nname: c\ntasks: [{id: x, noop: true}]\n");
        var definitions = new DefinitionFolder(folder.Path);
        var first = CatalogSnapshot.Empty.Next(definitions.Read(new Dictionary<string, Problem>()), new Dictionary<string, Problem>());
        first.Workflows.Keys.Order().ShouldBe(["a", "b", "c"]);
        folder.Write("all.yaml", "name: a\ntasks: [{id: y, workflow: b}]\n---\nname: b\n\ttasks: []\n---\nname: c\ntasks: [{id: x, noop: true}]\n");
        var next = first.Next(definitions.Read(new Dictionary<string, Problem>()), new Dictionary<string, Problem>());
        next.Workflows.Keys.Order().ShouldBe(["a", "b", "c"]);
        next.Workflows["a"].Definition.Tasks[0].Id.ShouldBe(new("y"));
        next.Problems.Count.ShouldBe(2);
    }
}
