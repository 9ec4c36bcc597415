using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Every decision of a run made once more from its journal is the recorded one, whatever the run has been through.</summary>
public sealed class ReplayCases
{
    [Fact(DisplayName = "RP01 a run with failures, retries, skips, stages and few slots replays equal")]
    public async Task Mixed()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Runner__Slots"] = "2";
        var flow = box.Workflow("""
            name: mixed
            fail_fast: false
            stages: [one, two]
            tasks:
              - {id: a, stage: one, run: "echo '{\"rows\": 12}'", outputs: stdout_json}
              - {id: b, stage: one, run: "test $ORCHESTRATOR_ATTEMPT -ge 2", retry: {max_attempts: 3, initial_delay: 50ms}}
              - {id: c, stage: two, depends_on: [a], if: "${{ tasks.a.outputs.rows > 100 }}", noop: true}
              - {id: d, stage: two, depends_on: [c], noop: true}
              - {id: e, run: exit 3}
              - {id: f, depends_on: [e], noop: true}
              - {id: g, depends_on: [e], run_when: one_failed, run: sleep 0.1}
              - {id: h, allow_failure: true, run: exit 1}
              - {id: i, noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        await EqualAsync(box, json.GetProperty("run_id").GetString()!);
    }

    [Fact(DisplayName = "RP02 fan-outs, waits, child runs and handlers replay equal")]
    public async Task Everything()
    {
        await using var box = new Sandbox();
        box.Workflow("""
            name: child
            tasks:
              - {id: only, run: "echo '{\"n\": 3}'", outputs: stdout_json}
            """, "child.yaml");
        var flow = box.Workflow("""
            name: whole
            fail_fast: false
            tasks:
              - id: each
                foreach: {items: [1, 2, 3, 4], as: n, max_parallel: 2}
                run: test ${{ n }} -ne 3
              - {id: pause, wait: {for: 200ms}}
              - {id: sub, depends_on: [pause], workflow: {name: child}}
              - {id: after, depends_on: [each], noop: true}
            handlers:
              on_failure: [{id: page, run: exit 1}]
              finally: [{id: tidy, noop: true}]
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        await EqualAsync(box, json.GetProperty("run_id").GetString()!);
        foreach (var run in (await box.RunAsync("runs", "--json")).JsonLines()) await EqualAsync(box, run.GetProperty("run_id").GetString()!);
    }

    [Fact(DisplayName = "RP03 a run that was killed, taken over and cancelled replays equal, also while it is open")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/long.yaml", $$"""
            name: long
            tasks:
              - {id: quick, noop: true}
              - {id: slow, depends_on: [quick], run: "touch {{box.PathOf("began")}}; sleep 60"}
            """);
        string run;
        await using (var first = await Server.StartAsync(box))
        {
            run = await first.SubmitAsync("long");
            await Poll.UntilAsync(() => Task.FromResult(File.Exists(box.PathOf("began"))), "the start of the task");
            await EqualAsync(box, run);
            first.Process.Signal(9);
            await first.Process.EndAsync();
        }
        File.Delete(box.PathOf("began"));
        await using var second = await Server.StartAsync(box);
        await Poll.UntilAsync(() => Task.FromResult(File.Exists(box.PathOf("began"))), "the next attempt");
        (await box.RunAsync("cancel", run)).Exits(0);
        (await second.EndOfAsync(run)).ShouldBe("cancelled");
        var steps = (await EqualAsync(box, run, "--steps")).GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("input").GetString()).ToList();
        steps.ShouldContain("another worker takes over");
        steps.ShouldContain(s => s!.EndsWith(" cancels", StringComparison.Ordinal));
    }

    [Fact(DisplayName = "RP04 an unknown run is exit 4; a run without its definition is exit 5 and says so")]
    public async Task Missing()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("replay", "00000000-0000-7000-8000-000000000000")).Refuses(4, "no run");
        var (_, json) = await box.RunJsonAsync(box.Workflow("name: small\ntasks:\n  - {id: a, noop: true}\n"));
        var run = json.GetProperty("run_id").GetString()!;
        (await box.RunAsync("replay", run[..13])).Exits(0).Output.ShouldContain("replays equal");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(box.Data, "definitions"))) File.Delete(file);
        (await box.RunAsync("replay", run)).Refuses(5, "definition", "missing");
    }

    private static async Task<JsonElement> EqualAsync(Sandbox box, string run, params string[] args)
    {
        var json = (await box.RunAsync(["replay", run, "--json", .. args])).Exits(0).Json();
        json.GetProperty("equal").GetBoolean().ShouldBeTrue();
        json.GetProperty("difference").ValueKind.ShouldBe(JsonValueKind.Null);
        json.GetProperty("events").GetInt32().ShouldBeGreaterThan(3);
        return json;
    }
}
