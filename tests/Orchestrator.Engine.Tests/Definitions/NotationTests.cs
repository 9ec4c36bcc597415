using System.Text;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Definitions;

public sealed class NotationTests
{
    private const string AsYaml = """
        name: nightly
        params: {zone: {type: enum, values: [eu, us], required: true}, day: "2026-01-01", limit: 10, dry: false}
        env: {STAGING: /srv/staging, PORT: 8080}
        secrets: {TOKEN: {file: /run/token}}
        schedules: [{id: night, cron: "0 2 * * *", timezone: Europe/Helsinki, params: {zone: eu, limit: 5}}]
        max_parallel: 8
        fail_fast: false
        timeout: 2h
        stages: [one]
        defaults: {retry: {max_attempts: 2}}
        tasks:
          - {id: load, stage: one, run: "load ${{ params.day }}", timeout: 90}
          - {id: clean, exec: [clean, "-f", 5], depends_on: [load], retry: {initial_delay: 2s, on: {exit_codes: [75], kinds: [timeout]}}, env: {EMPTY: ""}}
          - {id: score, delegate: score, with: {n: 1.5, ok: true, list: [a, 2]}, depends_on: [clean], if: "${{ tasks.load.status == 'completed' }}", idempotent: false}
          - {id: done, noop: true, depends_on: [score], run_when: all_done, tags: [t], metadata: {k: {n: 1}}}
        """;

    private const string AsJson = """
        {"Orchestrator": {"Workflows": {"Inline": {"nightly": {
          "params": {"zone": {"type": "enum", "values": ["eu", "us"], "required": true}, "day": "2026-01-01", "limit": 10, "dry": false},
          "env": {"STAGING": "/srv/staging", "PORT": 8080},
          "secrets": {"TOKEN": {"file": "/run/token"}},
          "schedules": [{"id": "night", "cron": "0 2 * * *", "timezone": "Europe/Helsinki", "params": {"zone": "eu", "limit": 5}}],
          "max_parallel": 8, "fail_fast": false, "timeout": "2h", "stages": ["one"], "defaults": {"retry": {"max_attempts": 2}},
          "tasks": [
            {"id": "load", "stage": "one", "run": "load ${{ params.day }}", "timeout": 90},
            {"id": "clean", "exec": ["clean", "-f", 5], "depends_on": ["load"], "retry": {"initial_delay": "2s", "on": {"exit_codes": [75], "kinds": ["timeout"]}}, "env": {"EMPTY": ""}},
            {"id": "score", "delegate": "score", "with": {"n": 1.5, "ok": true, "list": ["a", 2]}, "depends_on": ["clean"], "if": "tasks.load.status == 'completed'", "idempotent": false},
            {"id": "done", "noop": {}, "depends_on": "score", "run_when": "all_done", "tags": ["t"], "metadata": {"k": {"n": 1}}}
          ]}}}}}
        """;

    private static WorkflowDefinition Built() => Workflow.Named("nightly")
        .Param("zone", ParameterType.Enum, required: true, values: ["eu", "us"]).Param("day", "2026-01-01").Param("limit", 10).Param("dry", false)
        .Env("STAGING", "/srv/staging").Env("PORT", "8080").SecretFromFile("TOKEN", "/run/token")
        .Schedule("night", "0 2 * * *", "Europe/Helsinki", parameters: new Dictionary<string, object?> { ["zone"] = "eu", ["limit"] = 5 })
        .MaxParallel(8).FailFast(false).Timeout(TimeSpan.FromHours(2)).Stages("one").Defaults(d => d.Retry(2))
        .Task("load", t => t.Run("load ${{ params.day }}").Stage("one").Timeout(TimeSpan.FromSeconds(90)))
        .Task("clean", t => t.Exec("clean", "-f", "5").DependsOn("load").Env("EMPTY", "")
            .Retry(initialDelay: TimeSpan.FromSeconds(2), onExitCodes: [75], onKinds: [FailureKind.Timeout]))
        .Task("score", t => t.Delegate("score", new Dictionary<string, object?> { ["n"] = 1.5, ["ok"] = true, ["list"] = new object[] { "a", 2 } })
            .DependsOn("clean").If("tasks.load.status == 'completed'").Idempotent(false))
        .Task("done", t => t.Noop().DependsOn("score").RunWhen(RunWhen.AllDone).Tags("t").Metadata("k", new Dictionary<string, object?> { ["n"] = 1 }))
        .Build();

    private static IConfiguration Configuration(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    [Fact]
    public void One_definition_has_one_version_in_yaml_configuration_and_code()
    {
        var yaml = DefinitionReader.Read(AsYaml, "w.yaml");
        yaml.Problems.ShouldBeEmpty();
        var inline = InlineDefinitions.Read(Configuration(AsJson)).ShouldHaveSingleItem().Result;
        inline.Problems.ShouldBeEmpty();
        var expected = Encoding.UTF8.GetString(DefinitionJson.Write(yaml.Workflow!));
        Encoding.UTF8.GetString(DefinitionJson.Write(inline.Workflow!)).ShouldBe(expected);
        Encoding.UTF8.GetString(DefinitionJson.Write(Built())).ShouldBe(expected);
        DefinitionJson.Version(Built()).ShouldBe(DefinitionJson.Version(yaml.Workflow!));
    }

    [Fact]
    public void Problems_of_inline_workflows_name_their_configuration_path()
    {
        var sources = InlineDefinitions.Read(Configuration("""
            {"Orchestrator": {"Workflows": {"Inline": [{"name": "a", "tasks": [{"id": "x", "run": "echo ${{ params.p }}", "tiemout": 5}]}, {"name": "b", "tasks": [{"id": "x", "run": "y"}]}]}}}
            """));
        sources.Select(s => s.Result.Workflow?.Name).ShouldBe([null, "b"]);
        sources[0].Result.Problems.Select(p => $"{p.Code} {p.At}").ShouldBe(
            ["ORC110 Orchestrator:Workflows:Inline:0:tasks:0:tiemout", "ORC202 Orchestrator:Workflows:Inline:0:tasks:0:run"], ignoreOrder: true);
    }

    [Fact]
    public void Building_lists_every_problem_with_the_task_it_belongs_to()
    {
        var e = Should.Throw<DefinitionException>(() => Workflow.Named("nightly").MaxParallel(0)
            .Task("a", t => t.Run("x").Exec("y").DependsOn("c")).Task("b", t => t.Noop().Stage("s")).Build());
        e.Problems.Select(p => p.Code).ShouldBe([ProblemCodes.BadValue, ProblemCodes.Conflict, ProblemCodes.UnknownDependency, ProblemCodes.UnknownStage], ignoreOrder: true);
        e.Message.ShouldContain("workflow 'nightly': task 'a'.depends_on[0]: ORC121");
    }
}
