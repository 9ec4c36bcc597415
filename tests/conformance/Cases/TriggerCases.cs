using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Requests that start runs: proved, once each, accounted for in the trigger's ledger through a kill.</summary>
public sealed class TriggerCases
{
    private const string Secret = "hunter2-of-the-hook";
    private const string Deploy = """
        name: deploy
        secrets: {HOOK: {env: HOOK_SECRET}}
        params: {commit: {type: string, default: none}}
        triggers:
          - {id: own, http: {secret: HOOK, window: 1m}, params: {commit: "${{ trigger.body.commit }}"}}
          - {id: github, http: {secret: HOOK, auth: github, max_body: 1KiB}, params: {commit: "${{ trigger.body.after }}"}}
          - {id: stripe, http: {secret: HOOK, auth: stripe}, params: {commit: "${{ trigger.body.id }}"}}
          - {id: token, http: {secret: HOOK, auth: token, rate: 0.01, burst: 3}, params: {commit: "${{ default(trigger.body.commit, 'none') }}"}}
          - {id: calm, http: {secret: HOOK, auth: token}, debounce: 10s, params: {commit: "${{ trigger.body.commit }}"}}
          - {id: many, http: {secret: HOOK, auth: token}, batch: {max: 3, within: 10s}, params: {commit: "${{ trigger.count }}-${{ trigger.batch[0].body.commit }}"}}
          - {id: off, enabled: false, http: {secret: HOOK, auth: token}}
        tasks: [{id: a, run: 'echo "${{ params.commit }}"'}]

        """;

    [Fact(DisplayName = "TG01 each style of proof starts one run with the parameters of its body; the same delivery again is answered with the first run")]
    public async Task Styles()
    {
        await using var box = Box();
        await using var server = await Server.StartAsync(box);
        foreach (var (trigger, body, commit, headers) in Proved())
        {
            var (status, first) = await SendAsync(server, trigger, body, headers);
            status.ShouldBe(202, first.ToString());
            first.GetProperty("status").GetString().ShouldBe("fired");
            var run = first.GetProperty("run_id").GetString()!;
            (await server.EndOfAsync(run)).ShouldBe("completed");
            var view = await server.GetAsync($"/api/v1/runs/{run}");
            view.GetProperty("trigger").GetString().ShouldBe("trigger");
            view.GetProperty("params").GetProperty("commit").GetString().ShouldBe(commit);
            var (again, second) = await SendAsync(server, trigger, body, headers);
            (again, second.GetProperty("status").GetString(), second.GetProperty("run_id").GetString()).ShouldBe((200, "duplicate", run), trigger);
        }
        await AccountedAsync(box, server, runs: 4);
    }

    [Fact(DisplayName = "TG02 a wrong signature is 401, one outside its time 409, a large body 413, a flood 429, parameters that do not fit 422; each is recorded, and none starts a run")]
    public async Task Refused()
    {
        await using var box = Box();
        await using var server = await Server.StartAsync(box);
        var old = Seconds(-3600);
        (await SendAsync(server, "own", "{}", [("X-Orchestrator-Timestamp", Seconds(0)), ("X-Orchestrator-Signature", "sha256=" + new string('0', 64))])).Status.ShouldBe(401);
        (await SendAsync(server, "own", "{}", [])).Status.ShouldBe(401);
        (await SendAsync(server, "own", "{}", [("X-Orchestrator-Timestamp", old), ("X-Orchestrator-Signature", Sign($"{old}.{{}}"))])).Status.ShouldBe(409);
        (await SendAsync(server, "stripe", "{}", [("Stripe-Signature", $"t={old},v1={Sign($"{old}.{{}}")[7..]}")])).Status.ShouldBe(409);
        (await SendAsync(server, "github", new string('x', 2000), [("X-Hub-Signature-256", Sign(new string('x', 2000)))])).Status.ShouldBe(413);
        (await SendAsync(server, "own", "{}", Own("{}"))).Status.ShouldBe(422, "the body has no commit");
        (await SendAsync(server, "off", "{}", [("Authorization", $"Bearer {Secret}")])).Status.ShouldBe(404);
        (await SendAsync(server, "nope", "{}", [])).Status.ShouldBe(404);
        (await server.GetAsync("/api/v1/runs")).GetProperty("runs").GetArrayLength().ShouldBe(0);
        var statuses = new List<int>();
        for (var i = 0; i < 5; i++) statuses.Add((await SendAsync(server, "token", "{}", [("Authorization", $"Bearer {Secret}")])).Status);
        statuses.ShouldBe([202, 202, 202, 429, 429]);
        await AccountedAsync(box, server, runs: 3);
        var rejected = (await EntriesAsync(box)).Where(e => e.Type == "trigger.rejected").ToList();
        int Count(string reason) => rejected.Where(e => e.Data.GetProperty("reason").GetString() == reason).Sum(e => e.Data.TryGetProperty("count", out var n) ? n.GetInt32() : 1);
        (Count("signature"), Count("window"), Count("too_large"), Count("params"), Count("disabled"), Count("flood")).ShouldBe((2, 2, 1, 1, 1, 2));
    }

    [Fact(DisplayName = "TG03 the run is below the caller's trace, has the caller's correlation id, and its cause is the entry of the ledger; the secret is nowhere")]
    public async Task Traced()
    {
        await using var box = Box();
        await using var server = await Server.StartAsync(box);
        var (status, answer) = await SendAsync(server, "own", """{"commit":"c0ffee"}""",
            [.. Own("""{"commit":"c0ffee"}"""), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("X-Correlation-Id", "order-7")]);
        status.ShouldBe(202);
        var run = answer.GetProperty("run_id").GetString()!;
        await server.EndOfAsync(run);
        (await server.TraceOfAsync(run)).ShouldBe("0af7651916cd43dd8448eb211c80319c");
        var events = await box.EventsAsync(run);
        events.ShouldAllBe(e => e.GetProperty("correlation_id").GetString() == "order-7");
        await AccountedAsync(box, server, runs: 1);
        var all = (await box.RunAsync("events", "--json")).JsonLines();
        var fired = all.Single(e => e.GetProperty("type").GetString() == "trigger.fired");
        events[0].GetProperty("causation_id").GetString().ShouldBe(fired.GetProperty("event_id").GetString());
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories)) File.ReadAllText(file).Contains(Secret, StringComparison.Ordinal).ShouldBeFalse(file);
    }

    [Fact(DisplayName = "TG04 a delivery that was taken has its run after a kill, and once")]
    public async Task Killed()
    {
        await using var box = Box();
        var ids = new List<string>();
        await using (var server = await Server.StartAsync(box))
        {
            for (var i = 0; i < 20; i++)
            {
                var body = $$"""{"commit":"c{{i}}"}""";
                ids.Add((await SendAsync(server, "own", body, Own(body))).Body.GetProperty("run_id").GetString()!);
            }
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            foreach (var id in ids) (await server.EndOfAsync(id)).ShouldBe("completed");
            await AccountedAsync(box, server, runs: 20);
        }
    }

    [Fact(DisplayName = "TG05 the last delivery of a burst starts the run, deliveries of a batch start one together, and both survive a kill while they wait")]
    public async Task Waiting()
    {
        await using var box = Box();
        await using (var server = await Server.StartAsync(box))
        {
            for (var i = 1; i <= 4; i++)
            {
                (string, string)[] token = [("Authorization", $"Bearer {Secret}"), ("Idempotency-Key", $"k{i}")];
                var (status, held) = await SendAsync(server, "calm", $$"""{"commit":"c{{i}}"}""", token);
                (status, held.GetProperty("status").GetString()).ShouldBe((202, "held"));
                held.GetProperty("until").GetString().ShouldNotBeNull();
                await SendAsync(server, "many", $$"""{"commit":"m{{i}}"}""", token);
            }
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/runs")).GetProperty("runs").EnumerateArray().Count(r => r.GetProperty("status").GetString() == "completed") == 3, "three runs");
            await AccountedAsync(box, server, runs: 3);
        }
        var entries = await EntriesAsync(box);
        entries.Where(e => e.Type == "trigger.fired").Select(e => e.Data.GetProperty("params").GetProperty("commit").GetString()).ShouldBe(["c4", "3-m1", "1-m4"], ignoreOrder: true);
        entries.Count(e => e.Type == "trigger.debounced").ShouldBe(3);
    }

    [Fact(DisplayName = "TG06 the end of a workflow starts others by its status, with its outputs and parameters, in its correlation and linked to its trace; each once, also for an end during downtime")]
    public async Task Completion()
    {
        await using var box = new Sandbox();
        box.Write("workflows/load.yaml", "name: load\nparams: {day: today, code: 0}\noutputs: {rows: '${{ tasks.a.outputs.rows }}'}\ntasks: [{id: a, run: 'echo rows=5 >> \"$ORCHESTRATOR_OUTPUT\"; exit ${{ params.code }}'}]\n");
        box.Write("workflows/report.yaml", """
            name: report
            params: {day: none, rows: {type: integer, default: 0}}
            triggers: [{id: loaded, workflow: load, params: {day: "${{ trigger.run.params.day }}", rows: "${{ trigger.run.outputs.rows }}"}}]
            tasks: [{id: a, noop: true}]

            """);
        box.Write("workflows/page.yaml", """
            name: page
            params: {why: none}
            triggers: [{id: broken, workflow: {name: load, status: [failed, cancelled]}, params: {why: "${{ trigger.run.status }}: ${{ trigger.run.error }}"}}]
            tasks: [{id: a, noop: true}]

            """);
        string loaded, failed;
        await using (var server = await Server.StartAsync(box))
        {
            loaded = await server.SubmitAsync("load", new { day = "2026-01-31" });
            failed = await server.SubmitAsync("load", new { code = 3 });
            await CompletedAsync(server, "report", 1);
            await CompletedAsync(server, "page", 1);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        // Nobody is there to see this one end.
        (await box.RunAsync("run", box.PathOf("workflows/load.yaml"), "--param", "day=2026-02-01")).Exits(0);
        await using (var server = await Server.StartAsync(box))
        {
            await CompletedAsync(server, "report", 2);
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        (await box.RunAsync("reconcile")).Exits(0);
        var runs = (await box.RunAsync("runs", "--json")).JsonLines();
        runs.Count(r => r.GetProperty("workflow").GetString() == "report").ShouldBe(2);
        runs.Count(r => r.GetProperty("workflow").GetString() == "page").ShouldBe(1);
        var reported = runs.Last(r => r.GetProperty("workflow").GetString() == "report").GetProperty("run_id").GetString()!;
        var created = (await box.EventsAsync(reported))[0];
        created.GetProperty("correlation_id").GetString().ShouldBe(loaded);
        created.GetProperty("data").GetProperty("params").ToString().ShouldContain("2026-01-31");
        created.GetProperty("data").GetProperty("params").GetProperty("rows").GetInt32().ShouldBe(5);
        created.GetProperty("data").GetProperty("links").ToString().ShouldContain(loaded.Replace("-", "", StringComparison.Ordinal));
        var paged = runs.Single(r => r.GetProperty("workflow").GetString() == "page").GetProperty("run_id").GetString()!;
        var why = (await box.EventsAsync(paged))[0];
        why.GetProperty("correlation_id").GetString().ShouldBe(failed);
        why.GetProperty("data").GetProperty("params").GetProperty("why").GetString()!.ShouldStartWith("failed: ");
    }

    [Fact(DisplayName = "TG07 workflows that start each other by their ends stop at a bound, which is recorded")]
    public async Task Loop()
    {
        await using var box = new Sandbox();
        box.Write("workflows/ping.yaml", "name: ping\ntriggers: [{id: back, workflow: pong}]\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/pong.yaml", "name: pong\ntriggers: [{id: back, workflow: ping}]\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            await server.SubmitAsync("ping");
            await Poll.UntilAsync(async () => (await EntriesAsync(box)).Any(e => e.Type == "trigger.rejected"), "the bound");
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(17);
        (await EntriesAsync(box)).Single(e => e.Type == "trigger.rejected").Data.GetProperty("reason").GetString().ShouldBe("loop");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    private static Task CompletedAsync(Server server, string workflow, int runs) => Poll.UntilAsync(async () =>
        (await server.GetAsync($"/api/v1/runs?workflow={workflow}&status=completed")).GetProperty("runs").GetArrayLength() == runs, $"{runs} runs of {workflow}");

    [Fact(DisplayName = "TG08 triggers and the entries of their ledgers are listed by verbs and API, beside a serve and without one, the same")]
    public async Task Listed()
    {
        await using var box = Box();
        string[] beside;
        await using (var server = await Server.StartAsync(box))
        {
            foreach (var (trigger, body, _, headers) in Proved()) (await SendAsync(server, trigger, body, headers)).Status.ShouldBe(202);
            (await SendAsync(server, "own", "{}", [])).Status.ShouldBe(401);
            beside = (await box.RunAsync("triggers", "list", "--json")).Exits(0).JsonLines().Select(r => r.ToString()).ToArray();
            (await server.GetAsync("/api/v1/triggers?workflow=deploy")).GetProperty("triggers").EnumerateArray().Select(r => r.ToString()).ShouldBe(beside);
            var history = (await server.GetAsync("/api/v1/triggers/deploy/own/history?limit=3")).GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("type").GetString()).ToList();
            history.ShouldBe(["trigger.rejected", "trigger.dispatched", "trigger.fired"]);
            (await server.AskAsync("/api/v1/triggers/deploy/nope/history")).Status.ShouldBe(404);
            (await server.AskAsync("/api/v1/triggers?nope=1")).Status.ShouldBe(400);
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        (await box.RunAsync("triggers", "list", "deploy", "--json")).Exits(0).JsonLines().Select(r => r.ToString()).ShouldBe(beside);
        var table = (await box.RunAsync("triggers", "history", "deploy/own")).Exits(0).Output;
        table.ShouldContain("signature");
        table.Split('\n').ShouldAllBe(line => line.Length <= 120);
        (await box.RunAsync("triggers", "history", "deploy/nope")).Exits(4);
        (await box.RunAsync("triggers", "history", "nope")).Exits(2);
    }

    private static Sandbox Box([System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var box = new Sandbox(name);
        box.Environment["HOOK_SECRET"] = Secret;
        box.Write("workflows/deploy.yaml", Deploy);
        return box;
    }

    private static IEnumerable<(string Trigger, string Body, string Commit, (string, string)[] Headers)> Proved()
    {
        const string Pushed = """{"after":"6113728f27ae82c7b1a177c8d03f9e96e0adf246"}""";
        const string Charged = """{"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","type":"charge.succeeded"}""";
        var time = Seconds(0);
        yield return ("own", """{"commit":"c0ffee"}""", "c0ffee", Own("""{"commit":"c0ffee"}"""));
        yield return ("github", Pushed, "6113728f27ae82c7b1a177c8d03f9e96e0adf246", [("X-Hub-Signature-256", Sign(Pushed)), ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"), ("X-GitHub-Event", "push")]);
        yield return ("stripe", Charged, "evt_1NG8Du2eZvKYlo2CUI79vXWy", [("Stripe-Signature", $"t={time},v1={Sign($"{time}.{Charged}")[7..]}")]);
        yield return ("token", """{"other":"plain"}""", "none", [("Authorization", $"Bearer {Secret}"), ("Idempotency-Key", "k-1")]);
    }

    private static (string, string)[] Own(string body)
    {
        var time = Seconds(0);
        return [("X-Orchestrator-Timestamp", time), ("X-Orchestrator-Signature", Sign($"{time}.{body}"))];
    }

    private static async Task<(int Status, JsonElement Body)> SendAsync(Server server, string trigger, string body, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/triggers/deploy/{trigger}") { Content = new StringContent(body, Encoding.UTF8, "text/plain") };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await server.Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    // Ends the server in peace; then ledger, runs and everything else agree.
    private static async Task AccountedAsync(Sandbox box, Server server, int runs)
    {
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
        var entries = await EntriesAsync(box);
        entries.Count(e => e.Type == "trigger.fired").ShouldBe(runs);
        entries.Count(e => e.Type == "trigger.dispatched").ShouldBe(runs);
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(runs);
        var reconciled = await box.RunAsync("reconcile", "--json");
        reconciled.Exits(0);
        reconciled.Json().GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("check").GetString() == "triggers").GetProperty("compared").GetInt64().ShouldBeGreaterThanOrEqualTo(runs);
    }

    private static async Task<List<(string Type, JsonElement Data)>> EntriesAsync(Sandbox box) =>
        [.. (await box.RunAsync("journal", "export")).JsonLines().Where(e => e.GetProperty("stream").GetString()!.StartsWith("trigger:", StringComparison.Ordinal))
            .Select(e => (e.GetProperty("type").GetString()!, e.GetProperty("data")))];

    private static string Sign(string what) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(what)));

    private static string Seconds(int off) => (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + off).ToString(CultureInfo.InvariantCulture);
}
