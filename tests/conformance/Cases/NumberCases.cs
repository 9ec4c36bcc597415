using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>A plain scalar keeps its own text wherever it becomes a value: what is written is what runs.</summary>
public sealed class NumberCases
{
    private static string Log(JsonElement json, string task) => File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, $"logs/{task}.1.log")).TrimEnd('\n');

    [Fact(DisplayName = "LN01 numbers run as they are written: in params, foreach, matrix, child params, http bodies and labels")]
    public async Task AsWritten()
    {
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, 200, "{}", "application/json"));
        await using var box = new Sandbox();
        box.Write("child.yaml", """
            name: child
            params: {v: {type: string, required: true}, w: {type: string, required: true}}
            outputs: {v: "${{ params.v }}", w: "${{ params.w }}"}
            tasks: [{id: a, noop: true}]
            """);
        var flow = box.Workflow($$$"""
            name: numbers
            labels: {version: 3.10}
            params: {id: 12345678901234567890, long: 1234567890123456789012345678901234567890, exp: 7e3, v: 3.10, said: {type: string, default: 1.0}}
            tasks:
              - {id: params, exec: [echo, "${{ params.id }} ${{ params.long }} ${{ params.exp }} ${{ params.v }} ${{ params.said }}"]}
              - {id: each, foreach: [3.9, 3.10, 7e3, 007], run: 'echo ${{ item }}'}
              - {id: grid, matrix: {py: [3.9, 3.10]}, run: 'echo ${{ matrix.py }}'}
              - {id: child, workflow: {name: child, params: {v: 3.10, w: "${{ params.long }}"} } }
              - {id: post, http: {method: POST, url: "{{{site.Url}}}/", json: {v: 3.10, id: 12345678901234567890, deep: [7e3, "${{ params.exp }}"] } } }
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        Log(json, "params").ShouldBe("12345678901234567890 1234567890123456789012345678901234567890 7e3 3.10 1.0");
        new[] { "each[0]", "each[1]", "each[2]", "each[3]", "grid[0]", "grid[1]" }.Select(t => Log(json, t)).ShouldBe(["3.9", "3.10", "7e3", "007", "3.9", "3.10"]);
        var child = json.GetProperty("tasks").GetProperty("child").GetProperty("outputs");
        child.GetRawText().ShouldContain("\"3.10\"");
        child.GetRawText().ShouldContain("1234567890123456789012345678901234567890");
        site.Last.Body.ShouldBe("""{"deep":[7e3,7e3],"id":12345678901234567890,"v":3.10}""");
        (await box.RunAsync("show", json.GetProperty("run_id").GetString()!, "--json")).Exits(0).Output.ShouldContain("12345678901234567890");
    }

    [Fact(DisplayName = "LN02 what a run is given keeps its own text too, and a number is refused only where it cannot be one")]
    public async Task Given()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: given
            params: {n: {type: number, default: 1}, s: ""}
            tasks: [{id: a, exec: [echo, "${{ params.n }} ${{ params.s }} ${{ params.n == 3.1 }}"]}]
            """);
        var (finished, json) = await box.RunJsonAsync(flow, "--param", "n=3.10", "--param", "s=1e3");
        finished.Exits(0);
        Log(json, "a").ShouldBe("3.10 1e3 true");
        (await box.RunAsync("run", flow, "--param", "n=3.1.0")).Refuses(2, "n", "number");
    }

    [Fact(DisplayName = "LN03 definitions in the settings file keep numbers as they are written")]
    public async Task Inline()
    {
        await using var box = new Sandbox();
        var settings = box.Write("appsettings.json", """
            {"Orchestrator": {"Workflows": {"Inline": {
              "inline": {"params": {"id": 12345678901234567890}, "labels": {"v": 3.10},
                         "tasks": [{"id": "a", "matrix": {"py": [3.10]}, "exec": ["echo", "${{ matrix.py }} ${{ params.id }}"]}]}
            }}}}
            """);
        var (finished, json) = await box.RunJsonAsync("inline", "--config", settings);
        finished.Exits(0);
        Log(json, "a[0]").ShouldBe("3.10 12345678901234567890");
    }
}
