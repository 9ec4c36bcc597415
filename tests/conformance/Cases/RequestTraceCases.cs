using System.Net;
using System.Text;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The spans of requests to the API, and what hangs below them.</summary>
public sealed class RequestTraceCases
{
    private const string Scope = "Microsoft.AspNetCore";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact(DisplayName = "TR17 a request is a span named by method and route, with status and path and without its query, the run it starts is the root of its own trace with a link to it, and probes are not traced")]
    public async Task Requests()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["Orchestrator__Telemetry__Prometheus"] = "on";
        box.Workflow("name: asked\ntasks: [{id: a, noop: true}]\n", "workflows/asked.yaml");
        box.Workflow("name: silent\ntelemetry: {sample: 0}\ntasks: [{id: a, noop: true}]\n", "workflows/silent.yaml");
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("asked");
            await server.EndOfAsync(run);
            await server.EndOfAsync(await server.SubmitAsync("silent"));
            (await server.Http.GetAsync($"/api/v1/runs/{run}?token=hunter2")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await server.Http.GetAsync($"/api/v1/runs/{run}")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await server.Http.GetAsync("/api/v1/nothing/of/the/kind")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            foreach (var probe in (string[])["/healthz", "/readyz", "/metrics"]) (await server.Http.GetAsync(probe)).StatusCode.ShouldBe(HttpStatusCode.OK);
            using var odd = await server.Http.SendAsync(new(new("BREW"), "/api/v1/runs"));
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        var requests = receiver.Spans.Where(s => s.Scope == Scope).ToList();
        requests.ShouldAllBe(s => s.Kind == SpanKind.Server);
        requests.Select(s => s.Name).Distinct().Order(StringComparer.Ordinal).ShouldBe(["GET", "GET /api/v1/runs/{id}", "HTTP", "POST /api/v1/workflows/{name}/runs"]);
        requests.Count(s => s.Attributes.Text("url.path") is "/healthz" or "/readyz" or "/metrics").ShouldBe(0);
        System.Text.Json.JsonSerializer.Serialize(receiver.Spans).ShouldNotContain("hunter2");
        var started = requests.Single(s => s.Attributes.Text("url.path") == "/api/v1/workflows/asked/runs");
        started.Attributes.Text("http.request.method").ShouldBe("POST");
        started.Attributes.Text("http.route").ShouldBe("/api/v1/workflows/{name}/runs");
        started.Attributes["http.response.status_code"].ShouldBe(202L);
        started.Status.ShouldBe(SpanStatus.Unset);
        var root = receiver.Span("RUN asked");
        (root.TraceId, root.ParentId).ShouldBe((run.Replace("-", "", StringComparison.Ordinal), ""));
        receiver.Span("enqueue asked").ParentId.ShouldBe(root.SpanId);
        foreach (var links in (IReadOnlyList<ReceivedLink>[])[root.Links, receiver.Span("enqueue asked").Links])
            links.ShouldHaveSingleItem().ShouldSatisfyAllConditions(l => (l.TraceId, l.SpanId).ShouldBe((started.TraceId, started.SpanId)), l => l.Attributes.Text("orchestrator.link.type").ShouldBe("trigger"));
        receiver.Orphans().ShouldBeEmpty();
        receiver.Spans.ShouldNotContain(s => s.Name == "RUN silent", "its workflow's own ratio stands above its request's");
        var nothing = requests.Single(s => s.Name == "GET");
        nothing.Attributes["http.response.status_code"].ShouldBe(404L);
        nothing.Attributes.ShouldNotContainKey("http.route");
        nothing.Status.ShouldBe(SpanStatus.Unset, "the caller's mistake is no error of the server");
        requests.Single(s => s.Name == "HTTP").Attributes.Text("http.request.method").ShouldBe("_OTHER");
    }

    [Fact(DisplayName = "TR18 an answer of 503 is an error span with its status as the error's type")]
    public async Task Errors()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Workflow("name: asked\ntasks: [{id: a, noop: true}]\n", "workflows/asked.yaml");
        await using (var server = await Server.StartAsync(box))
        {
            // Keys are kept in a file; where that is a folder, nothing can be promised.
            Directory.CreateDirectory(Path.Combine(box.Data, "index", "idempotency.jsonl"));
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/asked/runs") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", "one");
            (await server.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            server.Process.Signal(15);
            await server.Process.EndAsync();
        }
        var failed = receiver.Spans.Single(s => s.Scope == Scope && s.Attributes.Text("http.request.method") == "POST");
        failed.Status.ShouldBe(SpanStatus.Error);
        failed.Attributes.Text("error.type").ShouldBe("503");
    }

    [Fact(DisplayName = "TR20 a sampler that cannot be used is said once at the start, with the variable and what is used instead, and nothing is lost by it")]
    public async Task Sampler()
    {
        const string Said = "OTEL_TRACES_SAMPLER=jaeger_remote is not a known sampler; parentbased_always_on is used instead";
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["OTEL_TRACES_SAMPLER"] = "jaeger_remote";
        (await box.RunAsync("run", box.Workflow("name: x\ntasks: [{id: a, noop: true}]\n"))).Exits(0).Errors.Split(Said).Length.ShouldBe(2);
        await using var server = await Server.StartAsync(box);
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0).Errors.Split(Said).Length.ShouldBe(2);
        receiver.Span("RUN x");
    }

    [Fact(DisplayName = "TR21 a caller's links of type trigger and backfill are links of its run's spans, before that to its request; others are refused")]
    public async Task Links()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Workflow("name: asked\ntasks: [{id: a, noop: true}]\n", "workflows/asked.yaml");
        await using var server = await Server.StartAsync(box);
        const string Elsewhere = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        foreach (var wrong in (object[])[new { type = "parent_run", traceparent = Elsewhere }, new { type = "backfill", traceparent = "00-no" }, new { type = "trigger" }])
        {
            var (status, body) = await server.PostAsync("/api/v1/workflows/asked/runs", new { links = new[] { wrong } });
            (status, body.GetProperty("code").GetString()).ShouldBe((422, "invalid_links"));
        }
        var (_, accepted) = await server.PostAsync("/api/v1/workflows/asked/runs", new { links = new[] { new { type = "backfill", traceparent = Elsewhere }, new { type = "trigger", traceparent = Elsewhere } } });
        await server.EndOfAsync(accepted.GetProperty("run_id").GetString()!);
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN asked"), Patience);
        foreach (var span in (string[])["RUN asked", "enqueue asked"])
            receiver.Span(span).Links.Take(2).Select(l => (l.TraceId, l.SpanId, l.Attributes.Text("orchestrator.link.type")))
                .ShouldBe([("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "backfill"), ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "trigger")]);
    }
}
