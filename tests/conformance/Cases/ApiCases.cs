using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>`serve` and its HTTP API.</summary>
[Trait("Program", "both")]
public sealed class ApiCases
{
    private const string Quick = "name: quick\nparams: {n: {type: integer, default: 1}}\ntasks: [{id: a, noop: true}]\n";
    private const string Long = "name: long\ntasks: [{id: a, run: 'sleep 300'}]\n";

    [Fact(DisplayName = "A01 a run is accepted with 202, found, listed and told event by event")]
    public async Task Accepted()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        await using var server = await Server.StartAsync(box);
        using var answer = await server.Http.PostAsJsonAsync("/api/v1/workflows/quick/runs", new { @params = new { n = 3 } });
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString()!;
        answer.Headers.Location!.ToString().ShouldEndWith(id);
        (await server.EndOfAsync(id)).ShouldBe("completed");
        (await server.GetAsync("/api/v1/runs")).ToString().ShouldContain(id);
        (await server.GetAsync("/api/v1/workflows")).ToString().ShouldContain("quick");
        (await server.Http.GetStringAsync($"/api/v1/runs/{id}/events")).ShouldContain("workflow.completed");
        (await server.Http.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory(DisplayName = "A02 wrong requests are told apart")]
    [InlineData("/api/v1/workflows/nope/runs", "{}", "application/json", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/workflows/quick/runs", "{}", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/api/v1/workflows/quick/runs", "{broken", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/workflows/quick/runs", "{\"params\":{\"n\":\"many\"}}", "application/json", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/v1/workflows/quick/runs", "{\"params\":{\"m\":1}}", "application/json", HttpStatusCode.UnprocessableEntity)]
    public async Task Wrong(string path, string body, string type, HttpStatusCode expected)
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        await using var server = await Server.StartAsync(box);
        using var answer = await server.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, type));
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        var error = JsonDocument.Parse(text).RootElement;
        error.GetProperty("code").GetString().ShouldNotBeNullOrEmpty();
        error.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        error.GetProperty("status").GetInt32().ShouldBe((int)expected);
        error.GetProperty("type").GetString().ShouldBe($"urn:orchestrator:problem:{error.GetProperty("code").GetString()}");
        error.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        text.ShouldNotContain("   at ");
        text.ShouldNotContain("Orchestrator.Worker");
        text.ShouldNotContain("Orchestrator.AspNetCore");
        text.ShouldNotContain("LineNumber");
    }

    [Fact(DisplayName = "A03 a request for another host is refused")]
    public async Task Host()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartAsync(box);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs");
        request.Headers.Host = "evil.example";
        ((int)(await server.Http.SendAsync(request)).StatusCode).ShouldBeInRange(400, 421);
    }

    [Fact(DisplayName = "A04 a bind beyond loopback needs a token file, and then every request a token")]
    public async Task Tokens()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Api__Url"] = "http://0.0.0.0:0";
        (await box.RunAsync("serve")).Refuses(2, "token");
    }

    [Fact(DisplayName = "A05 cancel ends a run of the server, by API and by command line")]
    public async Task Cancel()
    {
        await using var box = new Sandbox();
        box.Write("workflows/long.yaml", Long);
        await using var server = await Server.StartAsync(box);
        var one = await server.SubmitAsync("long");
        using var answer = await server.Http.PostAsync($"/api/v1/runs/{one}/cancel", new StringContent("{}", Encoding.UTF8, "application/json"));
        answer.IsSuccessStatusCode.ShouldBeTrue();
        (await server.EndOfAsync(one)).ShouldBe("cancelled");
        var two = await server.SubmitAsync("long");
        (await box.RunAsync("cancel", two)).Exits(0);
        (await server.EndOfAsync(two)).ShouldBe("cancelled");
    }

    [Fact(DisplayName = "A06 run beside a serve is carried out by it")]
    public async Task Beside()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartAsync(box);
        var flow = box.Workflow("name: filed\ntasks: [{id: a, run: 'echo pid $PPID'}]\n");
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.GetProperty("status").GetString().ShouldBe("completed");
        (await box.RunAsync("logs", json.GetProperty("run_id").GetString()!, "a")).Output.ShouldContain($"pid {server.Process.Pid}");
    }

    [Fact(DisplayName = "A07 SIGTERM drains: what runs finishes, exit 0")]
    public async Task Drain()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
        server.Process.Signal(15);
        box.Write("go", "");
        (await server.Process.EndAsync()).Exits(0);
        (await box.RunAsync("show", run, "--json")).Exits(0).Json().GetProperty("status").GetString().ShouldBe("completed");
    }

    [Fact(DisplayName = "A08 what does not finish in time is interrupted and goes on at the next start")]
    public async Task Resume()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Shutdown__Drain"] = "100ms";
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: first, run: 'echo x >> {box.Root}/first'}}, {{id: a, depends_on: [first], run: 'touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("x");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        box.Write("go", "");
        await using (var server = await Server.StartAsync(box)) (await server.EndOfAsync(run)).ShouldBe("completed");
        File.ReadAllLines(box.PathOf("first")).Length.ShouldBe(1, "a completed task was repeated");
    }

    [Fact(DisplayName = "A09 a schedule fires at its second, once, with a derived id")]
    public async Task Schedule()
    {
        await using var box = new Sandbox();
        box.Write("workflows/tick.yaml", "name: tick\nschedules: [{id: s, cron: '* * * * * *'}]\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/runs?workflow=tick&limit=50")).ToString().Split("\"run_id\"").Length > 3, "three runs");
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
        var due = new HashSet<string>();
        foreach (var row in (await box.RunAsync("runs", "--json")).JsonLines())
        {
            var created = (await box.EventsAsync(row.GetProperty("run_id").GetString()!))[0];
            var data = created.GetProperty("data");
            data.GetProperty("trigger").GetString().ShouldBe("schedule");
            due.Add(data.GetProperty("due_at").GetString()!).ShouldBeTrue("one due time started two runs");
            created.GetProperty("time").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(data.GetProperty("due_at").GetDateTimeOffset(), "a schedule fired early");
        }
    }

    [Fact(DisplayName = "A10 a broken file keeps the last good version in force and is told")]
    public async Task LastGood()
    {
        await using var box = new Sandbox();
        var file = box.Write("workflows/quick.yaml", Quick);
        await using var server = await Server.StartAsync(box);
        File.WriteAllText(file, "name: quick\ntasks: [{id: a}]\n");
        await server.Process.LineAsync(l => l.Contains("quick.yaml", StringComparison.Ordinal));
        (await server.EndOfAsync(await server.SubmitAsync("quick"))).ShouldBe("completed");
    }

    [Theory(DisplayName = "A11 a page of another site changes nothing, one of our own does")]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:1", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("own", HttpStatusCode.Accepted)]
    public async Task Origin(string origin, HttpStatusCode expected)
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        await using var server = await Server.StartAsync(box);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/quick/runs");
        request.Headers.TryAddWithoutValidation("Origin", origin == "own" ? server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);
        using var answer = await server.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(expected);
        (await server.GetAsync("/api/v1/runs")).GetProperty("runs").GetArrayLength().ShouldBe(expected == HttpStatusCode.Accepted ? 1 : 0);
    }

    [Fact(DisplayName = "A12 the local socket is for its own user alone, whatever the umask")]
    public async Task Socket()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartAsync(box);
        File.GetUnixFileMode(Path.Combine(box.Data, "serve.sock")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
