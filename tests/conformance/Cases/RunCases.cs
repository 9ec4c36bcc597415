using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>`run`: what it prints, writes and answers.</summary>
[Trait("Program", "both")]
public sealed class RunCases
{
    [Fact(DisplayName = "R01 a run prints the fixed summary and nothing else")]
    public async Task Summary()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: two
            tasks:
              - {id: a, run: 'echo rows=3 >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: b, depends_on: [a], exec: [sh, -c, "exit 0"]}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.EnumerateObject().Select(p => p.Name).ShouldBe(["run_id", "workflow", "status", "duration_ms", "trace_id", "report_dir", "counts", "tasks"]);
        json.GetProperty("status").GetString().ShouldBe("completed");
        json.GetProperty("counts").ToString().ShouldBe("""{"total":2,"completed":2,"failed":0,"failed_allowed":0,"skipped":0,"cancelled":0}""");
        var a = json.GetProperty("tasks").GetProperty("a");
        a.EnumerateObject().Select(p => p.Name).ShouldBe(["status", "attempts", "duration_ms", "exit_code", "reason", "error", "outputs"]);
        a.GetProperty("outputs").GetProperty("rows").GetString().ShouldBe("3");
        a.GetProperty("exit_code").GetInt32().ShouldBe(0);
        Directory.Exists(json.GetProperty("report_dir").GetString()!).ShouldBeTrue();
    }

    [Fact(DisplayName = "R02 events are gapless, end with one terminal event, and match the summary")]
    public async Task Events()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: diamond
            tasks:
              - {id: a, noop: true}
              - {id: b, depends_on: [a], run: "true"}
              - {id: c, depends_on: [a], run: "true"}
              - {id: d, depends_on: [b, c], noop: true}
            """);
        var (_, json) = await box.RunJsonAsync(flow);
        var events = await box.EventsAsync(json.GetProperty("run_id").GetString()!);
        events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n));
        events[^1].GetProperty("type").GetString().ShouldBe("workflow.completed");
        events.Count(e => e.GetProperty("type").GetString() is "workflow.completed" or "workflow.failed" or "workflow.cancelled").ShouldBe(1);
        events.Count(e => e.GetProperty("type").GetString() == "task.completed").ShouldBe(4);
        events.ShouldAllBe(e => e.GetProperty("source").GetString() == "orchestrator.diamond");
        events.ShouldAllBe(e => e.GetProperty("stream").GetString() == "run:" + json.GetProperty("run_id").GetString());
    }

    [Fact(DisplayName = "R03 a failing task fails the run with exit code 1 and says which and why")]
    public async Task Failure()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: bad
            tasks:
              - {id: breaks, run: "echo the disk is on fire >&2; exit 7"}
              - {id: after, depends_on: [breaks], noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        var task = json.GetProperty("tasks").GetProperty("breaks");
        task.GetProperty("exit_code").GetInt32().ShouldBe(7);
        task.GetProperty("reason").GetString().ShouldBe("exit_code");
        task.GetProperty("error").GetString()!.ShouldContain("the disk is on fire");
        json.GetProperty("tasks").GetProperty("after").GetProperty("reason").GetString().ShouldBe("dependency_failed");
    }

    [Fact(DisplayName = "R04 a flaky task is retried with its delays and ends completed")]
    public async Task Retry()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: flaky
            tasks:
              - id: a
                run: 'test "$ORCHESTRATOR_ATTEMPT" = 3'
                retry: {max_attempts: 5, initial_delay: 50ms, backoff: 2}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.GetProperty("tasks").GetProperty("a").GetProperty("attempts").GetInt32().ShouldBe(3);
        var events = await box.EventsAsync(json.GetProperty("run_id").GetString()!);
        events.Where(e => e.GetProperty("type").GetString() == "task.retrying").Select(e => e.GetProperty("data").GetProperty("delay_ms").GetDouble()).ShouldBe([50d, 100d]);
    }

    [Fact(DisplayName = "R05 results flow from task to task through expressions")]
    public async Task Results()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: flow
            tasks:
              - {id: a, run: 'echo "{\"n\": 41}"', outputs: stdout_json}
              - {id: b, depends_on: [a], env: {N: "${{ tasks.a.outputs.n + 1 }}"}, run: 'echo "n=$N" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: big, depends_on: [b], if: "${{ tasks.b.outputs.n == '42' }}", noop: true}
              - {id: small, depends_on: [b], if: "${{ tasks.b.outputs.n != '42' }}", noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.GetProperty("tasks").GetProperty("big").GetProperty("status").GetString().ShouldBe("completed");
        json.GetProperty("tasks").GetProperty("small").GetProperty("reason").GetString().ShouldBe("condition");
    }

    [Fact(DisplayName = "R06 a task timeout ends the attempt and everything it started")]
    public async Task TaskTimeout()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: slow
            tasks:
              - id: a
                timeout: 500ms
                run: 'echo $$ > pid; sleep 300 & echo $! >> pid; wait'
                working_dir: {{box.Root}}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("reason").GetString().ShouldBe("timeout");
        foreach (var pid in File.ReadAllLines(box.PathOf("pid"))) Expect.IsAlive(pid).ShouldBeFalse($"process {pid} lives on");
    }

    [Fact(DisplayName = "R07 the run timeout holds within one task")]
    public async Task RunTimeout()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: slow
            timeout: 500ms
            tasks:
              - {id: a, run: sleep 300}
              - {id: b, depends_on: [a], noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        json.GetProperty("status").GetString().ShouldBe("failed");
        json.GetProperty("tasks").GetProperty("a").GetProperty("reason").GetString().ShouldBe("run_timeout");
    }

    [Fact(DisplayName = "R08 parameters are checked, defaulted and passed")]
    public async Task Parameters()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: greet
            params:
              who: {type: string, default: world}
              times: {type: integer, required: true}
            tasks:
              - {id: a, env: {WHO: "${{ params.who }}", N: "${{ params.times * 2 }}"}, run: 'echo "said=$WHO $N" >> "$ORCHESTRATOR_OUTPUT"'}
            """);
        var (finished, json) = await box.RunJsonAsync(flow, "--param", "times=4");
        finished.Exits(0);
        json.GetProperty("tasks").GetProperty("a").GetProperty("outputs").GetProperty("said").GetString().ShouldBe("world 8");
        (await box.RunAsync("run", flow)).Refuses(2, "times", "needs a value");
        (await box.RunAsync("run", flow, "--param", "times=many")).Refuses(2, "times", "whole number", "many");
        (await box.RunAsync("run", flow, "--param", "times=1", "--param", "whom=x")).Refuses(2, "whom", "who");
    }

    [Fact(DisplayName = "R09 Ctrl-C cancels: exit 3, one terminal event, no process left")]
    public async Task Interrupt()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: long
            tasks:
              - {id: a, run: 'echo $$ > {{box.Root}}/pid; sleep 300'}
            """);
        var run = box.Start("run", flow, "--json");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("pid")) && File.ReadAllText(box.PathOf("pid")).EndsWith('\n'));
        run.Signal(2);
        var finished = await run.EndAsync();
        finished.Exits(3).Json().GetProperty("status").GetString().ShouldBe("cancelled");
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid")).Trim()).ShouldBeFalse();
    }

    [Theory(DisplayName = "R10 results too large for an event are complete in the summary, whoever carries the run out")]
    [InlineData("here")]
    [InlineData("resumed")]
    [InlineData("served")]
    public async Task LargeResults(string where)
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: large
            tasks:
              - {id: a, run: 'printf "text=%s\n" "$(head -c 20000 /dev/zero | tr "\0" x)" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: b, depends_on: [a], run: '{{(where == "resumed" ? $"test -e {box.Root}/go || {{ touch {box.Root}/started; sleep 300; }}" : "true")}}'}
            """);
        Server? server = where == "served" ? await Server.StartAsync(box) : null;
        await using var _ = server;
        string[] how = ["run", flow, "--json"];
        if (where == "resumed")
        {
            var first = box.Start(how);
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
            first.Signal(9);
            await first.EndAsync();
            box.Write("go", "");
            how = ["run", "--resume", (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!, "--json"];
        }
        var finished = (await box.RunAsync(how)).Exits(0);
        finished.Json().GetProperty("tasks").GetProperty("a").GetProperty("outputs").GetProperty("text").GetString()!.Length.ShouldBe(20000);
    }
}
