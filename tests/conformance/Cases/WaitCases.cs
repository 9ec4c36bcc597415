using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Tasks that wait for time, events and checks, without a slot.</summary>
public sealed class WaitCases
{
    [Fact(DisplayName = "W01 a wait for a time lasts that long; an instant that has passed ends it at once")]
    public async Task Time()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: times
            params: {pause: 300ms, soon: {type: string, required: true}}
            tasks:
              - {id: for, wait: "${{ params.pause }}"}
              - {id: past, wait: {until: 2020-01-01T00:00:00Z}}
              - {id: future, wait: {until: "${{ params.soon }}"}}
              - {id: after, depends_on: [for, past, future], noop: true}
            """), "--param", $"soon={TimeProvider.System.GetUtcNow().AddSeconds(4):yyyy-MM-ddTHH:mm:ss.fffZ}");
        finished.Exits(0);
        json.Fate("after").ShouldBe("completed");
        json.Task("for").GetProperty("duration_ms").GetDouble().ShouldBeGreaterThanOrEqualTo(300);
        var events = await box.EventsAsync(json.RunId());
        events.Of("task.waiting", "past").ShouldBeEmpty();
        var future = events.Of("task.waiting", "future").SingleOrDefault();
        if (future.ValueKind != JsonValueKind.Undefined)
            events.Of("task.completed", "future").Single().Time().ShouldBeGreaterThanOrEqualTo(future.Data().GetProperty("until").GetDateTimeOffset());
    }

    [Fact(DisplayName = "W02 waits that cannot be worked out, and those that take too long, fail and say why")]
    public async Task Wrong()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: wrong
            fail_fast: false
            params: {when: tomorrow}
            tasks:
              - {id: unclear, wait: {until: "${{ params.when }}"}}
              - {id: unclear_too, wait: "${{ params.when }}"}
              - {id: long, timeout: 200ms, wait: 1h}
              - {id: silent, timeout: 200ms, wait: {event: never}}
              - {id: closed, timeout: 1s, wait: {poll: {run: "false", interval: 100ms}}}
            """));
        finished.Exits(1);
        json.Fate("unclear").ShouldBe("failed condition_error");
        json.Task("unclear").Text("error")!.ShouldContain("tomorrow");
        json.Task("unclear_too").Text("error")!.ShouldContain("tomorrow");
        foreach (var id in (string[])["long", "silent", "closed"]) json.Fate(id).ShouldBe("failed timeout", id);
        json.Count("failed").ShouldBe(5);
    }

    [Fact(DisplayName = "W03 a poll succeeds with the check that does, with its results, and its condition is asked")]
    public async Task Poll_()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: polls
            tasks:
              - id: run
                wait: {poll: {run: 'echo x >> {{{box.Root}}}/checks; n=$(wc -l < {{{box.Root}}}/checks); echo "n=$n" >> "$ORCHESTRATOR_OUTPUT"; test $n -ge 3', interval: 100ms}}
              - id: exec
                wait: {poll: {exec: [sh, -c, 'echo x >> {{{box.Root}}}/more; echo "{\"n\": $(wc -l < {{{box.Root}}}/more)}" >> "$ORCHESTRATOR_OUTPUT"'], interval: 100ms, backoff: 1, if: "outputs.n >= 3"}}
              - {id: after, depends_on: [run, exec], run: 'echo "seen=${{ tasks.run.outputs.n }}-${{ tasks.exec.outputs.n }}" >> "$ORCHESTRATOR_OUTPUT"'}
            """));
        finished.Exits(0);
        json.Output("after", "seen").GetString().ShouldBe("3-3");
        File.ReadAllLines(box.PathOf("checks")).Length.ShouldBe(3);
        json.Task("run").GetProperty("attempts").GetInt32().ShouldBe(1, "checks are no attempts");
        (await box.EventsAsync(json.RunId())).Of("task.waiting", "run").ShouldHaveSingleItem().Data().Text("waits_for").ShouldBe("poll");
    }

    [Fact(DisplayName = "W04 an event by `signal` reaches the run that waits for it, with its data; others are refused")]
    public async Task SignalToRun()
    {
        await using var box = new Sandbox();
        var run = box.Start("run", box.Workflow(Waits), "--json");
        var id = await PausedAsync(box);
        (await box.RunAsync("signal", id, "other")).Refuses(1, "other");
        (await box.RunAsync("signal", "no-such-run", "loaded")).Refuses(4, "no-such-run");
        (await box.RunAsync("signal", id, "loaded", "--data-value", "rows=12", "--data-value", "who=me", "--json")).Exits(0).Json().Text("event").ShouldBe("loaded");
        var json = (await run.EndAsync()).Exits(0).Json();
        (json.Output("after", "seen").GetString(), json.Output("load", "who").GetString()).ShouldBe(("13", "me"));
        (await box.RunAsync("signal", id, "loaded")).Refuses(1, "completed");
        var events = await box.EventsAsync(id);
        events.Of("workflow.paused").ShouldHaveSingleItem();
        events.Of("workflow.resumed").ShouldHaveSingleItem();
    }

    [Fact(DisplayName = "W05 an event by `signal` and by the API reaches a run under serve; the same one twice is refused")]
    public async Task SignalToServe()
    {
        await using var box = new Sandbox();
        box.Write("workflows/waits.yaml", Waits);
        await using var server = await Server.StartAsync(box);
        var byCommand = await server.SubmitAsync("waits");
        var byApi = await server.SubmitAsync("waits");
        foreach (var run in (string[])[byCommand, byApi]) await server.StatusAsync(run, "paused");
        (await box.RunAsync("signal", byCommand, "loaded", "--data-value", "rows=1")).Exits(0);
        (await server.PostAsync($"/api/v1/runs/{byApi}/signals/other", new { })).Status.ShouldBe(409);
        (await server.PostAsync($"/api/v1/runs/{byApi}/signals/loaded", new { values = new { rows = 2 } })).Status.ShouldBe(200);
        (await server.PostAsync($"/api/v1/runs/{byApi}/signals/loaded", new { values = new { rows = 2 } })).Status.ShouldBe(409);
        (await server.PostAsync("/api/v1/runs/0199f3a5-0000-7000-8000-000000000000/signals/loaded", new { })).Status.ShouldBe(404);
        (await server.EndOfAsync(byCommand)).ShouldBe("completed");
        (await server.EndOfAsync(byApi)).ShouldBe("completed");
        (await server.GetAsync($"/api/v1/runs/{byApi}")).Output("after", "seen").GetString().ShouldBe("3");
    }

    [Fact(DisplayName = "W06 what waits holds no slot: with one slot another run goes on, and a thousand waits stand beside it")]
    public async Task NoSlot()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Runner__Slots"] = "1";
        box.Write("workflows/waits.yaml", Waits);
        box.Write("workflows/many.yaml", $"name: many\ntasks: [{{id: each, foreach: [{string.Join(", ", Enumerable.Range(0, 1000))}], wait: {{event: go}}}}, {{id: ask, approval: sure?}}]\n");
        box.Write("workflows/works.yaml", "name: works\ntasks: [{id: a, run: 'true'}, {id: b, depends_on: [a], run: 'true'}]\n");
        await using var server = await Server.StartAsync(box);
        var waits = await server.SubmitAsync("waits");
        var many = await server.SubmitAsync("many");
        await server.StatusAsync(waits, "paused");
        await server.StatusAsync(many, "paused");
        (await server.EndOfAsync(await server.SubmitAsync("works"))).ShouldBe("completed");
        (await server.PostAsync($"/api/v1/runs/{many}/signals/go", new { })).Status.ShouldBe(200);
        (await server.PostAsync($"/api/v1/runs/{many}/approvals/ask", new { decision = "approve" })).Status.ShouldBe(200);
        (await server.EndOfAsync(many)).ShouldBe("completed");
        (await server.GetAsync($"/api/v1/runs/{many}")).Count("completed").ShouldBe(1002);
        (await server.GetAsync($"/api/v1/runs/{waits}")).Status().ShouldBe("paused");
    }

    [Fact(DisplayName = "W07 a run is cancelled while it waits, by API and by command")]
    public async Task CancelWhileWaiting()
    {
        await using var box = new Sandbox();
        box.Write("workflows/waits.yaml", Waits);
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("waits");
        await server.StatusAsync(run, "paused");
        (await box.RunAsync("cancel", run)).Exits(0);
        (await server.EndOfAsync(run)).ShouldBe("cancelled");
        var view = await server.GetAsync($"/api/v1/runs/{run}");
        (view.Fate("load"), view.Task("after").Status()).ShouldBe(("cancelled run_cancelled", "cancelled"));
        (await server.PostAsync($"/api/v1/runs/{run}/signals/loaded", new { })).Status.ShouldBe(409);
        (await box.EventsAsync(run)).Count(e => e.IsEnd()).ShouldBe(1);
    }

    [Fact(DisplayName = "W08 waits survive kill -9: time goes on meanwhile, an event is waited for as before, a poll goes on checking")]
    public async Task Survive()
    {
        await using var box = new Sandbox();
        box.Write("workflows/all.yaml", $$"""
            name: all
            tasks:
              - {id: time, wait: 2s}
              - {id: event, wait: {event: loaded} }
              - {id: poll, wait: {poll: {run: 'test -e {{box.Root}}/go', interval: 100ms} } }
              - {id: after, depends_on: [time, event, poll], noop: true}
            """);
        string run;
        DateTimeOffset until;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("all");
            await server.StatusAsync(run, "paused");
            until = (await box.EventsAsync(run)).Of("task.waiting", "time").Single().Data().GetProperty("until").GetDateTimeOffset();
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        box.Write("go", "");
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync($"/api/v1/runs/{run}")).Task("time").Status() == "completed", "the time's end");
            await Poll.UntilAsync(async () => (await server.GetAsync($"/api/v1/runs/{run}")).Task("poll").Status() == "completed", "the poll's end");
            (await server.PostAsync($"/api/v1/runs/{run}/signals/loaded", new { })).Status.ShouldBe(200);
            (await server.EndOfAsync(run)).ShouldBe("completed");
        }
        var events = await box.EventsAsync(run);
        events.Of("task.completed", "time").Single().Time().ShouldBeGreaterThanOrEqualTo(until);
        events.Of("task.waiting", "event").ShouldHaveSingleItem();
        events.Of("task.started").Select(e => e.Text("task")).ShouldBeUnique();
        events.Count(e => e.IsEnd()).ShouldBe(1);
    }

    private const string Waits = """
        name: waits
        tasks:
          - {id: load, wait: {event: loaded}}
          - {id: after, depends_on: [load], run: 'echo "seen=${{ tasks.load.outputs.rows + 1 }}" >> "$ORCHESTRATOR_OUTPUT"'}
        """;

    private static async Task<string> PausedAsync(Sandbox box)
    {
        var id = "";
        await Poll.UntilAsync(async () =>
        {
            if ((await box.RunAsync("runs", "--json")).JsonLines() is not [var run] || run.Status() != "paused") return false;
            id = run.RunId();
            return true;
        }, "the pause");
        return id;
    }
}
