using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Worker.Tests.Api;

public sealed class ApiTests : IDisposable
{
    private const string Quick = "name: quick\nparams: {n: {type: integer, default: 1}}\ntasks: [{id: a, noop: true}]\n";
    private readonly Sandbox _box = new();
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    public ApiTests() => _box.Write("config/workflows/quick.yaml", Quick);

    [Fact]
    public async Task A_run_is_accepted_durable_and_told_by_every_view_of_it()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/quick/runs") { Content = JsonContent.Create(new { @params = new { n = 3 } }) };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var answer = await serve.Http.SendAsync(request, _stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>(_stop)).GetProperty("run_id").GetString()!;
        answer.Headers.Location!.ToString().ShouldBe($"/api/v1/runs/{id}");

        var events = (await _box.RunAsync("events", id, "--follow")).Exits(0).Lines;
        events[^1].GetProperty("type").GetString().ShouldBe("workflow.completed");
        var view = await serve.Http.GetFromJsonAsync<JsonElement>($"/api/v1/runs/{id}", _stop);
        view.GetProperty("status").GetString().ShouldBe("completed");
        view.GetProperty("trace_id").GetString().ShouldBe("0af7651916cd43dd8448eb211c80319c");
        var lines = (await serve.Http.GetStringAsync($"/api/v1/runs/{id}/events", _stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(events.Length);
        using var again = await serve.Http.PostAsJsonAsync($"/api/v1/runs/{id}/cancel", new { }, _stop);
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Pages_follow_a_cursor_without_gaps_or_repeats()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        var submitted = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            using var answer = await serve.Http.PostAsJsonAsync("/api/v1/workflows/quick/runs", new { }, _stop);
            submitted.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(_stop)).GetProperty("run_id").GetString()!);
        }
        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await serve.Http.GetFromJsonAsync<JsonElement>($"/api/v1/runs?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", _stop);
            seen.AddRange(page.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("run_id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        seen.ShouldBe(submitted.OrderByDescending(s => s, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/api/v1/workflows/nope/runs", "{}", "application/json", 404, "workflow_not_found")]
    [InlineData("/api/v1/workflows/quick/runs", "{}", "text/plain", 415, "json_required")]
    [InlineData("/api/v1/workflows/quick/runs", "{broken", "application/json", 400, "bad_json")]
    [InlineData("/api/v1/workflows/quick/runs", "{\"parms\":{}}", "application/json", 400, "bad_json")]
    [InlineData("/api/v1/workflows/quick/runs", "{\"params\":{\"m\":1}}", "application/json", 422, "invalid_params")]
    [InlineData("/api/v1/runs/0190/cancel", "{}", "application/json", 404, "run_not_found")]
    [InlineData("/api/v1/runs", "{}", "application/json", 405, "use_workflow")]
    [InlineData("/api/v1/nothing", "{}", "application/json", 404, "not_found")]
    public async Task Wrong_requests_are_told_apart_by_code(string path, string body, string type, int status, string code)
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var answer = await serve.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, type), _stop);
        var error = await answer.Content.ReadFromJsonAsync<JsonElement>(_stop);
        ((int)answer.StatusCode).ShouldBe(status, error.ToString());
        error.GetProperty("code").GetString().ShouldBe(code);
        error.GetProperty("request_id").GetString().ShouldBe(answer.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task A_host_that_is_not_listed_is_misdirected()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Host = "evil.example";
        (await serve.Http.SendAsync(request, _stop)).StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task With_a_token_file_the_api_needs_a_token_and_health_does_not()
    {
        _box.Write("config/tokens", Convert.ToHexStringLower(SHA256.HashData("secret"u8)) + " bot\n");
        await using var serve = await RunningServe.StartAsync(_box, ("TokenFile", "tokens"));
        (await serve.Http.GetAsync("/readyz", _stop)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await serve.Http.GetAsync("/api/v1/runs", _stop)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        serve.Http.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        (await serve.Http.GetAsync("/api/v1/runs", _stop)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        serve.Http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        (await serve.Http.GetAsync("/api/v1/runs", _stop)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Run_beside_a_serve_goes_through_its_socket_and_ends_like_any_run()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        _box.Write("mine.yaml", "name: mine\nparams: {who: {required: true}}\ntasks: [{id: a, run: 'echo hello ${{ params.who }} > out.txt'}]\n");
        var run = (await _box.RunAsync("run", "mine.yaml", "-p", "who=you", "--json")).Exits(0).Json;
        run.GetProperty("status").GetString().ShouldBe("completed");
        File.ReadAllText(_box.PathOf("out.txt")).ShouldBe("hello you\n");
        (await _box.RunAsync("run", "mine.yaml")).Exits(2).Error.ShouldContain("'who'");
        Directory.GetDirectories(_box.PathOf("data/journal")).Select(Path.GetFileName).ShouldBe(["serve"]);
    }

    [Fact]
    public async Task Cancel_beside_a_serve_ends_its_run_and_detach_leaves_it()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        _box.Write("long.yaml", "name: long\ntasks: [{id: a, run: 'sleep 300'}]\n");
        var run = (await _box.RunAsync("run", "long.yaml", "--detach", "--json")).Exits(0).Json.GetProperty("run_id").GetString()!;
        (await _box.RunAsync("cancel", run)).Exits(0);
        (await _box.RunAsync("events", run, "--follow")).Lines[^1].GetProperty("type").GetString().ShouldBe("workflow.cancelled");
    }

    [Fact]
    public async Task A_second_serve_on_a_data_directory_names_the_first()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        (await _box.RunAsync("serve")).Exits(5).Error.ShouldContain($"process {serve.Holder.Pid}");
    }

    public void Dispose() => _box.Dispose();
}
