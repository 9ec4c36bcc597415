using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Which accepted run starts when: groups, earliest starts, rates, priorities, pools.</summary>
public sealed class AdmissionCases
{
    /// <summary>A run that says it has started and goes on until the file `go` exists.</summary>
    private static string Held(Sandbox box, string name, string more = "") =>
        $"name: {name}\n{more}tasks: [{{id: a, run: 'echo {name} >> {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done; echo {name} >> {box.Root}/ended'}}]\n";

    private static string[] Lines(Sandbox box, string file) => File.Exists(box.PathOf(file)) ? File.ReadAllLines(box.PathOf(file)) : [];

    private static async Task<string> StatusAsync(Server server, string run) => (await server.GetAsync($"/api/v1/runs/{run}")).GetProperty("status").GetString()!;

    [Fact(DisplayName = "Q01 runs of two workflows in one group run one after another, and keep no other waiting")]
    public async Task Queue()
    {
        await using var box = new Sandbox();
        box.Write("workflows/one.yaml", Held(box, "one", "params: {region: eu}\nconcurrency: {group: 'load-${{ params.region }}'}\n"));
        box.Write("workflows/two.yaml", Held(box, "two", "concurrency: {group: load-eu}\n"));
        box.Write("workflows/other.yaml", "name: other\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var one = await server.SubmitAsync("one");
        await Poll.UntilAsync(() => Lines(box, "started").Length == 1);
        var two = await server.SubmitAsync("two");
        (await server.EndOfAsync(await server.SubmitAsync("other"))).ShouldBe("completed");
        (await StatusAsync(server, two)).ShouldBe("queued");
        box.Write("go", "");
        (await server.EndOfAsync(one)).ShouldBe("completed");
        (await server.EndOfAsync(two)).ShouldBe("completed");
        var ended = (await box.EventsAsync(one))[^1].GetProperty("time").GetDateTimeOffset();
        (await box.EventsAsync(two)).Single(e => e.GetProperty("type").GetString() == "workflow.started").GetProperty("time").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(ended);
    }

    [Fact(DisplayName = "Q02 with on_conflict: skip the newcomer is accepted and ends as superseded")]
    public async Task Skip()
    {
        await using var box = new Sandbox();
        box.Write("workflows/one.yaml", Held(box, "one", "concurrency: {group: g, on_conflict: skip}\n"));
        await using var server = await Server.StartAsync(box);
        var first = await server.SubmitAsync("one");
        await Poll.UntilAsync(() => Lines(box, "started").Length == 1);
        var second = await server.SubmitAsync("one");
        (await server.EndOfAsync(second)).ShouldBe("cancelled");
        box.Write("go", "");
        (await server.EndOfAsync(first)).ShouldBe("completed");
        var events = await box.EventsAsync(second);
        events.ShouldNotContain(e => e.GetProperty("type").GetString() == "workflow.started");
        var end = events[^1].GetProperty("data");
        (end.GetProperty("cancel_reason").GetString(), end.GetProperty("requested_by").GetString()).ShouldBe(("superseded", $"run {first} of group 'g'"));
        Lines(box, "started").Length.ShouldBe(1);
    }

    [Fact(DisplayName = "Q03 with on_conflict: cancel_running the newest takes over")]
    public async Task CancelRunning()
    {
        await using var box = new Sandbox();
        box.Write("workflows/one.yaml", Held(box, "one", "concurrency: {group: g, on_conflict: cancel_running}\n"));
        await using var server = await Server.StartAsync(box);
        var first = await server.SubmitAsync("one");
        await Poll.UntilAsync(() => Lines(box, "started").Length == 1);
        var second = await server.SubmitAsync("one");
        (await server.EndOfAsync(first)).ShouldBe("cancelled");
        box.Write("go", "");
        (await server.EndOfAsync(second)).ShouldBe("completed");
        Lines(box, "ended").Length.ShouldBe(1);
    }

    [Fact(DisplayName = "Q04 a run starts no earlier than asked, by API and by command line; what cannot be read is refused")]
    public async Task NotBefore()
    {
        await using var box = new Sandbox();
        var flow = box.Write("workflows/quick.yaml", "name: quick\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        using var wrong = await server.Http.PostAsJsonAsync("/api/v1/workflows/quick/runs", new { not_before = "tomorrow" });
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("not_before");
        (await box.RunAsync("run", flow, "--detach", "--not-before", "2026-03-01T06:00")).Refuses(2, "--not-before", "offset");
        async Task<string> ByApi(string notBefore)
        {
            using var answer = await server.Http.PostAsJsonAsync("/api/v1/workflows/quick/runs", new { not_before = notBefore });
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString()!;
        }
        var far = await ByApi("2h");
        var past = await ByApi("2020-01-01T00:00:00Z");
        (await server.EndOfAsync(past)).ShouldBe("completed");
        var soon = (await box.RunAsync("run", flow, "--detach", "--not-before", "400ms", "--json")).Exits(0).Json().GetProperty("run_id").GetString()!;
        (await server.EndOfAsync(soon)).ShouldBe("completed");
        var events = await box.EventsAsync(soon);
        var earliest = events[0].GetProperty("data").GetProperty("not_before").GetDateTimeOffset();
        events.Single(e => e.GetProperty("type").GetString() == "workflow.started").GetProperty("time").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(earliest);
        (await StatusAsync(server, far)).ShouldBe("queued");
        (await box.RunAsync("cancel", far)).Exits(0);
        (await server.EndOfAsync(far)).ShouldBe("cancelled");
    }

    [Fact(DisplayName = "Q05 runs start no faster than the tenant's rate, and other tenants do not wait for it")]
    public async Task Rate()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Limits__PerTenant__slow"] = "4";
        box.Environment["Orchestrator__Limits__Burst"] = "0";
        box.Write("workflows/slow.yaml", "name: slow\ntenant: slow\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/free.yaml", "name: free\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var runs = new List<string>();
        for (var i = 0; i < 5; i++) runs.Add(await server.SubmitAsync("slow"));
        (await server.EndOfAsync(await server.SubmitAsync("free"))).ShouldBe("completed");
        var started = new List<DateTimeOffset>();
        foreach (var run in runs)
        {
            (await server.EndOfAsync(run)).ShouldBe("completed");
            started.Add((await box.EventsAsync(run)).Single(e => e.GetProperty("type").GetString() == "workflow.started").GetProperty("time").GetDateTimeOffset());
        }
        started.Sort();
        (started[^1] - started[0]).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(900));   // four intervals of 250 ms, less what a clock may be off
    }

    [Fact(DisplayName = "Q06 after kill -9 groups are as taken as before and an earliest start still holds")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/one.yaml", Held(box, "one", "concurrency: {group: g}\n"));
        box.Write("workflows/two.yaml", Held(box, "two", "concurrency: {group: g}\n"));
        box.Write("workflows/quick.yaml", "name: quick\ntasks: [{id: a, noop: true}]\n");
        string one, two, later;
        await using (var server = await Server.StartAsync(box))
        {
            one = await server.SubmitAsync("one");
            await Poll.UntilAsync(() => Lines(box, "started").Length == 1);
            two = await server.SubmitAsync("two");
            later = (await box.RunAsync("run", "quick", "--detach", "--not-before", "1h", "--json")).Exits(0).Json().GetProperty("run_id").GetString()!;
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using var next = await Server.StartAsync(box);
        await Poll.UntilAsync(() => Lines(box, "started").Length == 2);
        Lines(box, "started").ShouldBe(["one", "one"]);   // its attempt again; the other one still waits
        (await StatusAsync(next, two)).ShouldBe("queued");
        box.Write("go", "");
        (await next.EndOfAsync(one)).ShouldBe("completed");
        (await next.EndOfAsync(two)).ShouldBe("completed");
        Lines(box, "ended").ShouldBe(["one", "two"]);
        (await StatusAsync(next, later)).ShouldBe("queued");
    }

    [Fact(DisplayName = "Q07 with one place high goes before normal, that before low, and within a level the smaller rank")]
    public async Task Priority()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Runner__MaxRunningRuns"] = "1";
        box.Write("workflows/first.yaml", Held(box, "first"));
        var order = new[] { ("low", "priority: low\n"), ("ranked", "rank: 5\n"), ("plain", ""), ("high", "priority: high\n") };
        foreach (var (name, keys) in order) box.Write($"workflows/{name}.yaml", Held(box, name, keys));
        await using var server = await Server.StartAsync(box);
        var runs = new List<string> { await server.SubmitAsync("first") };
        await Poll.UntilAsync(() => Lines(box, "started").Length == 1);
        foreach (var (name, _) in order) runs.Add(await server.SubmitAsync(name));
        box.Write("go", "");
        foreach (var run in runs) (await server.EndOfAsync(run)).ShouldBe("completed");
        Lines(box, "started").ShouldBe(["first", "high", "plain", "ranked", "low"]);
    }

    [Fact(DisplayName = "Q08 a pool limits attempts over all runs; one that is not configured is refused by name")]
    public async Task Pool()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Pools__warehouse"] = "1";
        string Flow(string name, string pool) =>
            $"name: {name}\ntasks: [{{id: a, pool: {pool}, run: 'mkdir {box.Root}/inside && sleep 0.1 && rmdir {box.Root}/inside'}}]\n";
        box.Write("workflows/pooled.yaml", Flow("pooled", "warehouse"));
        var wrong = box.Workflow(Flow("wrong", "warehose"));
        (await box.RunAsync("run", wrong)).Refuses(2, "warehose", "warehouse", "Orchestrator:Pools");
        await using var server = await Server.StartAsync(box);
        (await box.RunAsync("run", wrong)).Refuses(2, "warehose", "warehouse");
        var runs = new List<string>();
        for (var i = 0; i < 4; i++) runs.Add(await server.SubmitAsync("pooled"));
        foreach (var run in runs) (await server.EndOfAsync(run)).ShouldBe("completed", "two attempts of a pool of one ran at once");
    }
}
