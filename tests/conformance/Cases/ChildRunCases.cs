using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Tasks that are runs of other workflows.</summary>
public sealed class ChildRunCases
{
    private const string Adds = """
        name: adds
        params: {a: {type: integer, required: true}, b: 1}
        tasks: [{id: add, run: 'echo "sum=$((${{ params.a }} + ${{ params.b }}))" >> "$ORCHESTRATOR_OUTPUT"'}]
        outputs: {sum: "${{ number(tasks.add.outputs.sum) }}", by: "${{ run.workflow }}"}
        """;

    [Fact(DisplayName = "O01 a child run beside the parent's file gets its parameters and hands its results up")]
    public async Task Waits()
    {
        await using var box = new Sandbox();
        box.Workflow(Adds, "adds.yaml");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: parent
            tasks:
              - {id: first, run: 'echo "n=41" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: call, depends_on: [first], workflow: adds, params: {a: "${{ number(tasks.first.outputs.n) }}"}}
              - {id: after, depends_on: [call], if: "${{ tasks.call.outputs.sum == 42 && tasks.call.outputs.by == 'adds' }}", noop: true}
            """, "parent.yaml"));
        finished.Exits(0);
        json.Fate("after").ShouldBe("completed");
        var child = json.Output("call", "run_id").GetString()!;
        var (parents, childs) = (await box.EventsAsync(json.RunId()), await box.EventsAsync(child));
        childs[0].Data().Text("parent_run_id").ShouldBe(json.RunId());
        childs[0].Data().Text("parent_task").ShouldBe("call");
        childs[0].Data().Text("trigger").ShouldBe("workflow");
        childs[0].Data().GetProperty("params").ToString().ShouldBe("""{"a":41,"b":1}""");
        childs.ShouldAllBe(e => e.Text("correlation_id") == parents[0].Text("correlation_id"));
        childs[0].Text("causation_id").ShouldBe(parents.Of("task.started", "call").ShouldHaveSingleItem().Text("event_id"));
        parents.Of("task.waiting", "call").ShouldHaveSingleItem().Data().Text("child_run_id").ShouldBe(child);
        parents[^1].Time().ShouldBeGreaterThanOrEqualTo(childs[^1].Time());
        Directory.EnumerateFiles(box.Data, "report.md", SearchOption.AllDirectories).Count().ShouldBeGreaterThan(0);
    }

    [Fact(DisplayName = "O10 the child of a second attempt is caused by that attempt's start, also when another process carries it out")]
    public async Task Caused()
    {
        await using var box = new Sandbox();
        box.Workflow($"name: once\ntasks: [{{id: a, run: 'test -e {box.Root}/tried || {{ touch {box.Root}/tried; exit 1; }}; touch {box.Root}/second; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n", "once.yaml");
        var run = box.Start("run", box.Workflow("name: parent\ntasks: [{id: call, workflow: once, retry: {max_attempts: 2, initial_delay: 10ms}}]\n", "parent.yaml"), "--json");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("second")));
        run.Signal(9);
        await run.EndAsync();
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single(r => r.Text("workflow") == "parent").RunId();
        box.Write("go", "");
        (await box.RunAsync("run", "--resume", id)).Exits(0);
        var started = (await box.EventsAsync(id)).Of("task.started", "call").Select(e => e.Text("event_id")).ToList();
        var causes = new List<string?>();
        foreach (var child in (await box.RunAsync("runs", "--json")).JsonLines().Where(r => r.Text("workflow") == "once")) causes.Add((await box.EventsAsync(child.RunId()))[0].Text("causation_id"));
        causes.ShouldBe(started.Take(2), ignoreOrder: true);
        (await box.RunAsync("replay", id)).Exits(0);
    }

    [Fact(DisplayName = "O02 a task that does not wait is done once the child is accepted; `run` stays until it has ended")]
    public async Task Detached()
    {
        await using var box = new Sandbox();
        box.Workflow($"name: slow\ntasks: [{{id: a, run: 'until test -e {box.Root}/go; do sleep 0.02; done; echo done >> {box.Root}/done'}}]\n", "slow.yaml");
        var run = box.Start("run", box.Workflow("""
            name: parent
            tasks:
              - {id: call, workflow: {name: slow, wait: false}}
              - {id: after, depends_on: [call], noop: true}
            """, "parent.yaml"), "--json");
        await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().Any(r => r.Text("workflow") == "parent" && r.Status() == "completed"), "the parent's end");
        run.HasExited.ShouldBeFalse();
        box.Write("go", "");
        var json = (await run.EndAsync()).Exits(0).Json();
        json.GetProperty("workflow").GetString().ShouldBe("parent");
        File.ReadAllLines(box.PathOf("done")).ShouldBe(["done"]);
        (await box.EventsAsync(json.Output("call", "run_id").GetString()!))[^1].Type().ShouldBe("workflow.completed");
    }

    [Fact(DisplayName = "O03 a child that fails fails its task, whose error names the child and its error")]
    public async Task Failing()
    {
        await using var box = new Sandbox();
        box.Workflow("name: breaks\ntasks: [{id: a, run: 'echo the disk is on fire >&2; exit 7'}]\n", "breaks.yaml");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: parent\ntasks: [{id: call, workflow: breaks, retry: {max_attempts: 2, initial_delay: 10ms}}, {id: after, depends_on: [call], noop: true}]\n", "parent.yaml"));
        finished.Exits(1);
        json.Fate("call").ShouldBe("failed exit_code");
        json.Task("call").Text("error")!.ShouldContain("breaks");
        json.Task("call").Text("error")!.ShouldContain("the disk is on fire");
        var children = (await box.RunAsync("runs", "--json")).JsonLines().Where(r => r.Text("workflow") == "breaks").Select(r => r.RunId()).ToList();
        children.Count.ShouldBe(2, "another attempt is another run");
        json.Task("call").Text("error")!.Split(' ').ShouldContain(word => children.Contains(word));
    }

    [Theory(DisplayName = "O04 a child that is unknown, or gets wrong parameters, fails its task with a remedy, and is not tried again")]
    [InlineData("ads", "a: 1", "adds")]
    [InlineData("adds", "b: 1", "a")]
    [InlineData("adds", "a: many", "whole number")]
    [InlineData("adds", "a: 1, c: 2", "c")]
    public async Task Wrong(string name, string given, string words)
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        box.Write("workflows/adds.yaml", Adds);
        var (finished, json) = await box.RunJsonAsync(box.Workflow($"name: parent\ntasks:\n  - {{id: call, workflow: {name}, params: {{{given}}}, retry: {{max_attempts: 3, initial_delay: 10ms}}}}\n", "parent.yaml"));
        finished.Exits(1);
        json.Task("call").Status().ShouldBe("failed");
        json.Task("call").GetProperty("attempts").GetInt32().ShouldBe(1);
        json.Task("call").Text("error")!.ShouldContain(words);
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(1);
    }

    [Fact(DisplayName = "O05 a workflow that calls itself ends after sixteen runs within each other")]
    public async Task Recursion()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: again\ntasks: [{id: call, workflow: again}]\n"));
        finished.Exits(1);
        json.Task("call").Text("error")!.ShouldContain("nested 16 deep");
        var runs = (await box.RunAsync("runs", "--json", "--limit", "100")).JsonLines();
        runs.Count.ShouldBe(17);
        runs.ShouldAllBe(r => r.Status() == "failed");
    }

    [Theory(DisplayName = "O06 cancelling the parent cancels the child, and no process of it is left")]
    [InlineData("serve")]
    [InlineData("run")]
    public async Task Cancelled(string who)
    {
        await using var box = new Sandbox();
        box.Write("workflows/long.yaml", $"name: long\ntasks: [{{id: a, run: 'echo $$ > {box.Root}/pid; touch {box.Root}/started; sleep 300'}}]\n");
        var flow = box.Write("workflows/parent.yaml", "name: parent\ntasks: [{id: call, workflow: long}]\n");
        string run;
        if (who == "serve")
        {
            await using var server = await Server.StartAsync(box);
            run = await server.SubmitAsync("parent");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")), "the child's task");
            (await box.RunAsync("cancel", run)).Exits(0);
            (await server.EndOfAsync(run)).ShouldBe("cancelled");
        }
        else
        {
            var running = box.Start("run", flow, "--json");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")), "the child's task");
            running.Signal(2);
            run = (await running.EndAsync()).Exits(3).Json().RunId();
        }
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid"))).ShouldBeFalse();
        var child = (await box.EventsAsync(run)).Of("task.waiting", "call").Single().Data().Text("child_run_id")!;
        var events = await box.EventsAsync(child);
        events[^1].Type().ShouldBe("workflow.cancelled");
        events[^1].Data().Text("requested_by")!.ShouldContain(run);
        events.Count(e => e.IsEnd()).ShouldBe(1);
    }

    [Fact(DisplayName = "O07 parent, children and theirs are one trace without an orphan")]
    public async Task OneTrace()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Workflow("name: leaf\nparams: {n: 0}\ntasks: [{id: a, run: 'true'}]\n", "leaf.yaml");
        box.Workflow("name: middle\nparams: {n: 0}\ntasks: [{id: down, workflow: leaf}]\n", "middle.yaml");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: top\ntasks: [{id: each, foreach: [1, 2], workflow: middle, params: {n: \"${{ item }}\"}}]\n", "top.yaml"));
        finished.Exits(0);
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN top"), TimeSpan.FromSeconds(30));
        var spans = receiver.Spans.Where(s => s.Scope == "Orchestrator").ToList();
        spans.ShouldAllBe(s => s.TraceId == json.GetProperty("trace_id").GetString());
        spans.Select(s => s.SpanId).ShouldBeUnique();
        receiver.Orphans().ShouldBeEmpty();
        (spans.Count(s => s.Name == "RUN middle"), spans.Count(s => s.Name == "RUN leaf"), spans.Count(s => s.Name == "RUN top")).ShouldBe((2, 2, 1));
        var byId = spans.ToDictionary(s => s.SpanId);
        foreach (var leaf in spans.Where(s => s.Name == "attempt a"))
        {
            var up = new List<string>();
            for (var at = leaf; at.ParentId.Length > 0; at = byId[at.ParentId]) up.Add(at.Name);
            foreach (var name in (string[])["RUN leaf", "attempt down", "RUN middle"]) up.ShouldContain(name);
        }
    }

    [Fact(DisplayName = "O08 kill -9 of serve while a child runs: both go on, the child is the same one, and nothing is repeated")]
    public async Task KilledServe()
    {
        await using var box = new Sandbox();
        box.Write("workflows/child.yaml", Child(box));
        box.Write("workflows/parent.yaml", Parent(box));
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("parent");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")), "the child's task");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        box.Write("go", "");
        await using (var server = await Server.StartAsync(box)) (await server.EndOfAsync(run)).ShouldBe("completed");
        await WholeAsync(box, run);
    }

    [Fact(DisplayName = "O09 kill -9 of `run` while a child runs: resuming the parent takes the child over as well")]
    public async Task KilledRun()
    {
        await using var box = new Sandbox();
        box.Workflow(Child(box), "child.yaml");
        var first = box.Start("run", box.Workflow(Parent(box), "parent.yaml"));
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")), "the child's task");
        first.Signal(9);
        await first.EndAsync();
        var run = (await box.RunAsync("runs", "--json")).JsonLines().Single(r => r.Text("workflow") == "parent").RunId();
        box.Write("go", "");
        (await box.RunAsync("run", "--resume", run, "--json")).Exits(0).Json().Output("call", "said").GetString().ShouldBe("yes");
        await WholeAsync(box, run);
    }

    private static string Child(Sandbox box) => $$$"""
        name: child
        tasks:
          - {id: before, run: 'echo child-before >> {{{box.Root}}}/ledger'}
          - {id: held, depends_on: [before], run: 'touch {{{box.Root}}}/started; until test -e {{{box.Root}}}/go; do sleep 0.02; done; echo "said=yes" >> "$ORCHESTRATOR_OUTPUT"'}
        outputs: {said: "${{ tasks.held.outputs.said }}"}
        """;

    private static string Parent(Sandbox box) => $$$"""
        name: parent
        tasks:
          - {id: before, run: 'echo parent-before >> {{{box.Root}}}/ledger'}
          - {id: call, depends_on: [before], workflow: child}
          - {id: after, depends_on: [call], run: 'echo "after-${{ tasks.call.outputs.said }}" >> {{{box.Root}}}/ledger'}
        """;

    private static async Task WholeAsync(Sandbox box, string run)
    {
        File.ReadAllLines(box.PathOf("ledger")).ShouldBe(["parent-before", "child-before", "after-yes"]);
        var runs = (await box.RunAsync("runs", "--json")).JsonLines();
        runs.Select(r => (r.Text("workflow"), r.Status())).Order().ShouldBe([("child", "completed"), ("parent", "completed")]);
        foreach (var each in runs)
        {
            var events = await box.EventsAsync(each.RunId());
            events.Count(e => e.IsEnd()).ShouldBe(1);
            events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n));
        }
        var call = (await box.EventsAsync(run)).Of("task.started", "call").ToList();
        call.Count.ShouldBe(1, "a child run is waited for again, not started again");
    }
}
