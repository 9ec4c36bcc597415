using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What receivers of webhooks and callbacks get.</summary>
public sealed class DeliveryCases
{
    private static Task<LoopbackSite> ReceiverAsync(Func<SeenRequest?, int>? answer = null, Func<HttpContext, Task>? before = null) => LoopbackSite.StartAsync(async context =>
    {
        if (before is not null) await before(context);
        await LoopbackSite.TextAsync(context, answer?.Invoke(null) ?? 204, "");
    });

    private static void Global(Sandbox box, string url, string events = "workflow.*")
    {
        box.Environment["Orchestrator__Webhooks__AllowedNetworks"] = "127.0.0.0/8";
        box.Environment["Orchestrator__Webhooks__FirstWait"] = "50ms";
        box.Environment["Orchestrator__Webhooks__BreakerRest"] = "1s";
        box.Environment["Orchestrator__Webhooks__Endpoints__ops__Url"] = url;
        box.Environment["Orchestrator__Webhooks__Endpoints__ops__Events"] = events;
        box.Environment["Orchestrator__Webhooks__Endpoints__ops__SecretEnv"] = "HOOK_SECRET";
        box.Environment["HOOK_SECRET"] = "s3cret";
    }

    private static string Header(SeenRequest r, string name) => r.Headers[name];

    private static async Task<JsonElement> AccountAsync(Sandbox box, string sink) =>
        (await box.RunAsync("dead-letters", "list", "--json")).JsonLines().Single(l => l.TryGetProperty("emitted", out _) && l.GetProperty("sink").GetString() == sink);

    private static void ShouldAddUp(JsonElement account) =>
        account.GetProperty("emitted").GetInt64().ShouldBe(account.GetProperty("delivered").GetInt64() + account.GetProperty("dead").GetInt64() + account.GetProperty("dropped").GetInt64());

    private static int Sample(string metrics, string name, string outcome) => int.Parse(
        metrics.Split('\n').Single(l => l.StartsWith(name + "{", StringComparison.Ordinal) && l.Contains("\"webhook.ops\"", StringComparison.Ordinal) && l.Contains($"\"{outcome}\"", StringComparison.Ordinal)).Split(' ')[1],
        System.Globalization.CultureInfo.InvariantCulture);

    private static string Numbers(JsonElement account) =>
        string.Join(' ', ((string[])["emitted", "delivered", "dead", "dropped", "replayed", "discarded"]).Select(n => $"{n} {account.GetProperty(n).GetInt64()}"));

    [Fact(DisplayName = "V01 a webhook is told of a run's events in order, signed, with the event's own type and id")]
    public async Task Signed()
    {
        await using var box = new Sandbox();
        await using var site = await ReceiverAsync();
        Global(box, site.Url + "/hook");
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, run: 'exit 3'}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        await Poll.UntilAsync(() => site.Seen.Any(r => Header(r, "X-Orchestrator-Event") == "workflow.failed"), "the end's delivery");
        site.Seen.Select(r => Header(r, "X-Orchestrator-Event")).ShouldBe(["workflow.created", "workflow.queued", "workflow.started", "workflow.finalizing", "workflow.failed"]);
        foreach (var request in site.Seen)
        {
            var body = JsonSerializer.Deserialize<JsonElement>(request.Body);
            Header(request, "X-Orchestrator-Delivery").ShouldBe(body.GetProperty("event_id").GetString());
            Header(request, "X-Orchestrator-Event").ShouldBe(body.GetProperty("type").GetString());
            Header(request, "X-Correlation-Id").ShouldBe(run);
            var expected = Convert.ToHexStringLower(HMACSHA256.HashData("s3cret"u8, Encoding.UTF8.GetBytes($"{Header(request, "X-Orchestrator-Timestamp")}.{request.Body}")));
            Header(request, "X-Orchestrator-Signature").ShouldBe("sha256=" + expected);
            body.GetProperty("run_id").GetString().ShouldBe(run);
        }
        // The outcome is told as events of the worker's own, each caused by the event it is about.
        var ids = (await box.EventsAsync(run)).Select(e => e.GetProperty("event_id").GetString()!).ToHashSet();
        var told = new List<JsonElement>();
        await Poll.UntilAsync(async () => (told = (await box.RunAsync("events", "--type", "webhook.*")).JsonLines()).Count(e => e.GetProperty("type").GetString() == "webhook.delivered") == 5, "five webhook events");
        told.ShouldAllBe(e => ids.Contains(e.GetProperty("causation_id").GetString()!) && e.GetProperty("correlation_id").GetString() == run);
    }

    [Fact(DisplayName = "V02 callbacks of a definition are told with its secret and its patterns, of a file outside the folder too")]
    public async Task Callbacks()
    {
        await using var box = new Sandbox();
        await using var site = await ReceiverAsync();
        box.Environment["Orchestrator__Webhooks__AllowedNetworks"] = "127.0.0.0/8";
        box.Environment["TEAM_SECRET"] = "team";
        await using var server = await Server.StartAsync(box);
        var flow = box.Workflow($$$"""
            name: told
            secrets: {HOOK: {env: TEAM_SECRET}}
            callbacks:
              - {url: "{{{site.Url}}}/team?x=1", events: [task.completed, workflow.completed], secret: HOOK, headers: {X-Team: data}}
              - {url: "{{{site.Url}}}/bus", format: codomyrmex}
            tasks: [{id: a, noop: true}]
            """);
        (await box.RunJsonAsync(flow)).Finished.Exits(0);
        await Poll.UntilAsync(() => site.Seen.Count == 3, "three deliveries");
        var team = site.Seen.Where(r => r.Path == "/team?x=1").ToList();
        team.Select(r => Header(r, "X-Orchestrator-Event")).ShouldBe(["task.completed", "workflow.completed"]);
        team.ShouldAllBe(r => r.Headers["X-Team"] == "data");
        Header(team[0], "X-Orchestrator-Signature").ShouldBe("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData("team"u8, Encoding.UTF8.GetBytes($"{Header(team[0], "X-Orchestrator-Timestamp")}.{team[0].Body}"))));
        var bus = JsonSerializer.Deserialize<JsonElement>(site.Seen.Single(r => r.Path == "/bus").Body);
        bus.GetProperty("event_type").GetString().ShouldBe("workflow.completed");
        bus.GetProperty("data").GetProperty("success").GetBoolean().ShouldBeTrue();
    }

    [Fact(DisplayName = "V03 after three attempts an event is a dead letter, which arrives when it is sent again; the run never noticed")]
    public async Task DeadLetter()
    {
        await using var box = new Sandbox();
        var status = 500;
        await using var site = await ReceiverAsync(_ => status);
        Global(box, site.Url, "workflow.completed");
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        (await server.EndOfAsync(run)).ShouldBe("completed");
        await Poll.UntilAsync(async () => (await box.RunAsync("dead-letters", "list", "--json")).JsonLines().Any(l => l.TryGetProperty("at", out _)), "a dead letter");
        site.Seen.Count.ShouldBe(3);
        site.Seen.Select(r => Header(r, "X-Orchestrator-Delivery")).Distinct().Count().ShouldBe(1);
        var account = await AccountAsync(box, "webhook.ops");
        ShouldAddUp(account);
        account.GetProperty("dead").GetInt64().ShouldBe(1);
        (await box.RunAsync("events", "--type", "webhook.*")).JsonLines().Select(e => e.GetProperty("type").GetString()).ShouldBe(["webhook.attempted", "webhook.attempted", "webhook.failed"]);

        status = 204;
        var id = Header(site.Last, "X-Orchestrator-Delivery");
        (await box.RunAsync("dead-letters", "show", id)).JsonLines().Single().GetProperty("body").GetString().ShouldBe(site.Last.Body);
        (await box.RunAsync("dead-letters", "replay", id[..8])).Exits(0);
        site.Seen.Count.ShouldBe(4);
        Header(site.Last, "X-Orchestrator-Delivery").ShouldBe(id);
        account = await AccountAsync(box, "webhook.ops");
        ShouldAddUp(account);
        Numbers(account).ShouldBe("emitted 1 delivered 1 dead 0 dropped 0 replayed 1 discarded 0");
        (await box.RunAsync("dead-letters", "replay", id[..8])).Exits(4);

        // Somebody throws the next one away; the metrics tell the same account, and it stays so over a restart.
        await server.SubmitAsync("x");
        await Poll.UntilAsync(async () => (await AccountAsync(box, "webhook.ops")).GetProperty("delivered").GetInt64() == 2, "another delivery");
        status = 500;
        await server.SubmitAsync("x");
        await Poll.UntilAsync(async () => (await AccountAsync(box, "webhook.ops")).GetProperty("dead").GetInt64() == 1, "the next dead letter");
        (await box.RunAsync("dead-letters", "discard", "--all")).Exits(0);
        account = await AccountAsync(box, "webhook.ops");
        ShouldAddUp(account);
        Numbers(account).ShouldBe("emitted 3 delivered 2 dead 0 dropped 1 replayed 1 discarded 1");
        var metrics = await server.Http.GetStringAsync("/metrics");
        foreach (var (outcome, count) in ((string, int)[])[("delivered", 2), ("dead", 0), ("dropped", 1)]) Sample(metrics, "orchestrator_delivery_events", outcome).ShouldBe(count, outcome);
        // Attempts of this server: what the command line sent again it counts in its account only.
        foreach (var (outcome, count) in ((string, int)[])[("delivered", 1), ("failed", 4), ("dead", 2)]) Sample(metrics, "orchestrator_webhook_deliveries_total", outcome).ShouldBe(count, outcome);
        // Whatever became of it, it is told as something of the run.
        var told = (await box.RunAsync("events", "--type", "webhook.*")).JsonLines();
        told.Select(e => e.Text("type")).Distinct().ShouldBe(["webhook.attempted", "webhook.failed", "webhook.delivered"]);
        foreach (var e in told.Take(3)) (e.Text("correlation_id"), e.Text("run_id"), e.Text("causation_id"), e.Text("workflow")).ShouldBe((run, run, id, "x"));
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "V04 private addresses are not called unless the configuration allows them, and redirects are not followed")]
    public async Task PrivateAddresses()
    {
        await using var box = new Sandbox();
        await using var site = await LoopbackSite.StartAsync(context =>
        {
            context.Response.Redirect("http://127.0.0.1:1/");
            return Task.CompletedTask;
        });
        Global(box, site.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "workflow.completed");
        box.Environment["Orchestrator__Webhooks__AllowedNetworks"] = "10.0.0.0/8";
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            await server.SubmitAsync("x");
            await Poll.UntilAsync(async () => (await AccountAsync(box, "webhook.ops")).GetProperty("dead").GetInt64() == 1, "the dead letter");
        }
        site.Seen.ShouldBeEmpty();
        (await box.RunAsync("dead-letters", "list")).Output.ShouldContain("private address");
        box.Environment["Orchestrator__Webhooks__AllowedNetworks"] = "127.0.0.0/8,::1/128";
        await using (var server = await Server.StartAsync(box))
        {
            await server.SubmitAsync("x");
            await Poll.UntilAsync(async () => (await AccountAsync(box, "webhook.ops")).GetProperty("dead").GetInt64() == 2, "the dead letter");
        }
        site.Seen.Count.ShouldBe(3);
        (await box.RunAsync("dead-letters", "list")).Output.ShouldContain("redirects are not followed");
        (await box.RunAsync("dead-letters", "discard", "--all")).Exits(0);
        Numbers(await AccountAsync(box, "webhook.ops")).ShouldBe("emitted 2 delivered 0 dead 0 dropped 2 replayed 0 discarded 2");
    }

    [Fact(DisplayName = "V05 a server killed while it delivers goes on where it was: nothing is lost, the order of each run is kept, what comes twice has the same id")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        var kill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        await using var site = await ReceiverAsync(before: _ =>
        {
            if (Interlocked.Increment(ref count) == 25) kill.TrySetResult();
            return Task.CompletedTask;
        });
        Global(box, site.Url, "*");
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}, {id: b, depends_on: [a], noop: true}]\n");
        var runs = new List<string>();
        await using (var server = await Server.StartAsync(box))
        {
            for (var i = 0; i < 10; i++) runs.Add(await server.SubmitAsync("x"));
            await kill.Task.WaitAsync(Running.Patience);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            foreach (var run in runs) (await server.EndOfAsync(run)).ShouldBe("completed");
            await Poll.UntilAsync(() => runs.All(run => site.Seen.Any(r => Header(r, "X-Orchestrator-Event") == "workflow.completed" && r.Headers.GetValueOrDefault("X-Correlation-Id") == run)), "all ends");
        }
        foreach (var run in runs)
        {
            var wanted = (await box.EventsAsync(run)).Select(e => e.GetProperty("event_id").GetString()!).ToList();
            var got = site.Seen.Where(r => r.Headers.GetValueOrDefault("X-Correlation-Id") == run && !Header(r, "X-Orchestrator-Event").StartsWith("schedule", StringComparison.Ordinal))
                .Select(r => Header(r, "X-Orchestrator-Delivery")).ToList();
            got.Distinct().ShouldBe(wanted);
        }
        ShouldAddUp(await AccountAsync(box, "webhook.ops"));
    }

    [Fact(DisplayName = "V06 a receiver that was away, slow or flapping gets every event in order once it is back, and runs do not wait for it")]
    public async Task Flapping()
    {
        await using var box = new Sandbox();
        var asked = 0;
        await using var site = await LoopbackSite.StartAsync(async context =>
        {
            var n = Interlocked.Increment(ref asked);
            if (n is > 3 and < 12) context.Abort();                                     // flapping
            else await LoopbackSite.TextAsync(context, n % 5 == 0 ? 503 : 200, "");
        });
        Global(box, site.Url, "workflow.*");
        box.Environment["Orchestrator__Webhooks__Attempts"] = "20";
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var runs = new List<string>();
        for (var i = 0; i < 5; i++) runs.Add(await server.SubmitAsync("x"));
        foreach (var run in runs) (await server.EndOfAsync(run)).ShouldBe("completed");
        await Poll.UntilAsync(async () => (await AccountAsync(box, "webhook.ops")) is var a && a.GetProperty("delivered").GetInt64() == 25, "25 deliveries");
        var account = await AccountAsync(box, "webhook.ops");
        ShouldAddUp(account);
        account.GetProperty("dead").GetInt64().ShouldBe(0);
        foreach (var run in runs)
            site.Seen.Where(r => r.Headers["X-Correlation-Id"] == run).Select(r => Header(r, "X-Orchestrator-Event")).Distinct()
                .ShouldBe(["workflow.created", "workflow.queued", "workflow.started", "workflow.finalizing", "workflow.completed"]);
    }

    [Fact(DisplayName = "V07 runs that nobody served are told of by the next server, and a hanging receiver holds nobody up")]
    public async Task Later()
    {
        await using var box = new Sandbox();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await ReceiverAsync(before: _ => release.Task);
        Global(box, site.Url, "workflow.completed");
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box)) { }   // the cursor begins here
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: alone\ntasks: [{id: a, noop: true}]\n"));
        finished.Exits(0);
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(() => site.Seen.Count == 1, "the delivery of a run of its own");
            JsonSerializer.Deserialize<JsonElement>(site.Last.Body).GetProperty("run_id").GetString().ShouldBe(json.GetProperty("run_id").GetString());
            for (var i = 0; i < 5; i++) (await server.EndOfAsync(await server.SubmitAsync("x"))).ShouldBe("completed");
            release.SetResult();
            await Poll.UntilAsync(() => site.Seen.Count == 6, "the others");
        }
    }

    [Fact(DisplayName = "V08 what a callback may not hold is said with its place and a remedy")]
    public async Task Problems()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: x\ncallbacks:\n  - {url: 'ftp://x', events: ['Workflow']}\n  - {url: 'https://u:p@x.example', secret: NONE, format: yaml}\ntasks: [{id: a, noop: true}]\n");
        var said = await box.RunAsync("validate", flow);
        said.Exits(2);
        foreach (var part in (string[])["`url` is `ftp://x`", "matches no event", "holds a user or password", "does not declare", "`format`"]) (said.Output + said.Errors).ShouldContain(part);
    }

    [Fact(DisplayName = "V09 a receiver that failed five times in a row is asked nothing while the breaker is open, and its events wait")]
    public async Task LeftAlone()
    {
        await using var box = new Sandbox();
        var status = 503;
        await using var site = await ReceiverAsync(_ => status);
        Global(box, site.Url, "workflow.*");
        box.Environment["Orchestrator__Webhooks__Attempts"] = "20";
        box.Environment["Orchestrator__Webhooks__BreakerRest"] = "1h";
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            await server.EndOfAsync(await server.SubmitAsync("x"));
            await Poll.UntilAsync(async () => (await AccountAsync(box, "webhook.ops")).GetProperty("open_until").ValueKind == JsonValueKind.String, "the breaker to open");
            status = 204;   // it would take them now, and is not asked
            for (var n = 0; n < 5; n++) (await server.EndOfAsync(await server.SubmitAsync("x"))).ShouldBe("completed");
            var account = await AccountAsync(box, "webhook.ops");
            (account.GetProperty("open_until").GetDateTimeOffset() - TimeProvider.System.GetUtcNow()).ShouldBeGreaterThan(TimeSpan.FromMinutes(50));
            (account.GetProperty("failures").GetInt32(), account.GetProperty("emitted").GetInt32()).ShouldBe((5, 0));
            site.Seen.Count.ShouldBe(5);
            site.Seen.Select(r => Header(r, "X-Orchestrator-Delivery")).Distinct().Count().ShouldBe(1);
            (await server.Http.GetStringAsync("/metrics")).Split('\n').Single(l => l.StartsWith("orchestrator_delivery_behind{", StringComparison.Ordinal)).Split(' ')[1].ShouldNotBe("0");
        }
        await using (var server = await Server.StartAsync(box))   // a new process asks again
            await Poll.UntilAsync(async () => (await AccountAsync(box, "webhook.ops")).GetProperty("delivered").GetInt32() == 30, "what waited");
        site.Seen.Count.ShouldBe(35);
    }
}
