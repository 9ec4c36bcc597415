using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Orchestrator.AspNetCore.Status;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Tests.Api.Contract;

public sealed class ApiDocumentTests : IDisposable
{
    private readonly Sandbox _box = new();
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_is_described_and_every_description_is_a_route()
    {
        var settings = Settings.Load(null, null, _box.Root);
        await using var app = ServeApplication.Build(settings, ServeHost.Setup(settings, new Dictionary<string, string>(), "1.0.0"), settings.Store, _box.PathOf("socket"), null, new Readiness(), TextWriter.Null);
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Where(m => m != "HEAD").Select(m => $"{m} {e.RoutePattern.RawText!.Replace("{**", "{", StringComparison.Ordinal)}")).Order(StringComparer.Ordinal).ToList();
        routes.ShouldNotBeEmpty();
        ApiDocument.Checked.Operations.Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal).ShouldBe(routes);
    }

    [Fact]
    public async Task HEAD_is_answered_wherever_GET_is()
    {
        var settings = Settings.Load(null, null, _box.Root);
        await using var app = ServeApplication.Build(settings, ServeHost.Setup(settings, new Dictionary<string, string>(), "1.0.0"), settings.Store, _box.PathOf("socket"), null, new Readiness(), TextWriter.Null);
        var methods = ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods).OfType<IReadOnlyList<string>>();
        methods.ShouldAllBe(m => m.Contains("GET") == m.Contains("HEAD"));
    }

    [Fact]
    public async Task Every_query_parameter_that_an_endpoint_takes_is_described_and_no_other()
    {
        var settings = Settings.Load(null, null, _box.Root);
        await using var app = ServeApplication.Build(settings, ServeHost.Setup(settings, new Dictionary<string, string>(), "1.0.0"), settings.Store, _box.PathOf("socket"), null, new Readiness(), TextWriter.Null);
        var taken = ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<AspNetCore.Requests.QueryKeys>()?.Names ?? []).Select(n => $"{e.RoutePattern.RawText} {n}"));
        var described = ApiDocument.Checked.Operations.SelectMany(o => o.Operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => $"{o.Path} {p.GetProperty("name").GetString()}") : []);
        taken.Order(StringComparer.Ordinal).ShouldBe(described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_example_is_as_its_schema_says()
    {
        var media = ApiDocument.Checked.Media().ToList();
        media.Count.ShouldBeGreaterThan(20);
        foreach (var (where, described) in media) ApiDocument.Checked.Problems(described.GetProperty("schema"), described.GetProperty("example")).ShouldBeEmpty(where);
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_operation_has_what_a_client_needs()
    {
        foreach (var reference in ApiDocument.Checked.References())
            Should.NotThrow(() => ApiDocument.Checked.Follow(JsonDocument.Parse($"{{\"$ref\":\"{reference}\"}}").RootElement), reference);
        var ids = new HashSet<string>();
        foreach (var (path, method, operation) in ApiDocument.Checked.Operations)
        {
            ids.Add(operation.GetProperty("operationId").GetString()!).ShouldBeTrue();
            operation.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty();
            var declared = operation.TryGetProperty("parameters", out var parameters)
                ? parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!).ToList() : [];
            path.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Trim('{', '}')).ShouldBe(declared, $"{method} {path}");
            if (path.StartsWith("/api/", StringComparison.Ordinal)) operation.GetProperty("responses").TryGetProperty("401", out _).ShouldBeTrue($"{method} {path}");
        }
    }

    [Fact]
    public async Task The_server_serves_the_document_and_says_when_it_is_still_the_same()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var answer = await serve.Http.GetAsync("/openapi/v1.json", _stop);
        (await answer.Content.ReadAsStringAsync(_stop)).ShouldBe(await File.ReadAllTextAsync(ApiDocument.FilePath, _stop));
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        (await serve.Http.SendAsync(again, _stop)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Answers_about_runs_that_fail_wait_and_skip_are_as_described()
    {
        _box.Write("config/workflows/mixed.yaml", """
            name: mixed
            stages: [one]
            tasks:
              - {id: bad, stage: one, run: "exit 3", retry: {max_attempts: 2, initial_delay: 10ms}, allow_failure: true}
              - {id: skipped, depends_on: [bad], if: "false", noop: true}
              - {id: told, run: 'echo "k=v" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: pause, wait: {event: go}}
              - {id: ask, depends_on: [pause], approval: {prompt: "Go on?"}}
            """);
        await using var serve = await RunningServe.StartAsync(_box);
        using var started = await serve.Http.PostAsJsonAsync("/api/v1/workflows/mixed/runs", new { }, _stop);
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>(_stop)).GetProperty("run_id").GetString()!;
        await SeeAsync(serve, id, "task.waiting");
        (await serve.Http.GetAsync($"/api/v1/runs/{id}", _stop)).EnsureSuccessStatusCode();
        using var signal = await AnswerAsync(serve, $"/api/v1/runs/{id}/signals/go", new { values = new { n = 1 } });
        using var refused = await serve.Http.PostAsJsonAsync($"/api/v1/runs/{id}/approvals/ask", new { decision = "perhaps" }, _stop);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await serve.Http.GetAsync("/api/v1/approvals", _stop)).EnsureSuccessStatusCode();
        using var approved = await AnswerAsync(serve, $"/api/v1/runs/{id}/approvals/ask", new { decision = "approve", by = "ada" });
        (await _box.RunAsync("events", id, "--follow")).Lines[^1].GetProperty("type").GetString().ShouldBe("workflow.completed");
        (await serve.Http.GetAsync($"/api/v1/runs/{id}", _stop)).EnsureSuccessStatusCode();
        (await serve.Http.GetAsync($"/api/v1/runs/{id}/events", _stop)).EnsureSuccessStatusCode();
        (await serve.Http.GetAsync("/api/v1/runs", _stop)).EnsureSuccessStatusCode();
        foreach (var subject in (string[])["mixed", id, $"{id}/skipped"]) (await serve.Http.GetAsync($"/api/v1/why?subject={subject}", _stop)).EnsureSuccessStatusCode();
        (await serve.Http.GetAsync("/api/v1/why?subject=nothing", _stop)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await serve.Http.GetAsync("/api/v1/why?at=yesterday", _stop)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    public void Dispose() => _box.Dispose();

    /// <summary>An answer may come before the task asks for it: then it is refused with 409 and given again.</summary>
    private async Task<HttpResponseMessage> AnswerAsync(RunningServe serve, string path, object body)
    {
        while (true)
        {
            var answer = await serve.Http.PostAsJsonAsync(path, body, _stop);
            if (answer.StatusCode is not (HttpStatusCode.Conflict or HttpStatusCode.NotFound)) return answer.EnsureSuccessStatusCode();
            answer.Dispose();
        }
    }

    private async Task SeeAsync(RunningServe serve, string id, string type)
    {
        while (!(await serve.Http.GetStringAsync($"/api/v1/runs/{id}/events", _stop)).Contains($"\"{type}\"", StringComparison.Ordinal)) _stop.ThrowIfCancellationRequested();
    }
}
