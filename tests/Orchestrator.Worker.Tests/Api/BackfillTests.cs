using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Orchestrator.Worker.Tests.Api;

public sealed class BackfillTests : IDisposable
{
    private const string Daily = "name: daily\nparams: {day: {type: date, default: 2026-01-01}}\nschedules: [{id: one, cron: '0 1 * * *'}]\ntasks: [{id: a, noop: true}]\n";
    private readonly Sandbox _box = new();
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    public BackfillTests() => _box.Write("config/workflows/daily.yaml", Daily);

    [Fact]
    public async Task A_backfill_is_accepted_shown_listed_and_ends_with_a_run_for_each_item()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var answer = await serve.Http.PostAsJsonAsync("/api/v1/backfills", new { workflow = "daily", from = "2026-01-01", to = "2026-01-03", parallelism = 2, reason = "late" }, _stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>(_stop)).GetProperty("backfill_id").GetString()!;
        answer.Headers.Location!.ToString().ShouldBe($"/api/v1/backfills/{id}");
        var view = await EndAsync(serve, id);
        view.GetProperty("status").GetString().ShouldBe("completed");
        view.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("key").GetString()).ShouldBe(["2026-01-01T01:00:00Z", "2026-01-02T01:00:00Z", "2026-01-03T01:00:00Z"]);
        (await serve.Http.GetFromJsonAsync<JsonElement>("/api/v1/runs", _stop)).GetProperty("runs").GetArrayLength().ShouldBe(3);
        using var late = await serve.Http.PostAsJsonAsync($"/api/v1/backfills/{id}/cancel", new { }, _stop);
        late.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Pages_follow_a_cursor_without_gaps_or_repeats()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await serve.Http.PostAsJsonAsync("/api/v1/backfills", new { workflow = "daily", param = "day", from = "2026-01-01", to = "2026-01-01" }, _stop);
            made.Add((await answer.Content.ReadFromJsonAsync<JsonElement>(_stop)).GetProperty("backfill_id").GetString()!);
        }
        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await serve.Http.GetFromJsonAsync<JsonElement>($"/api/v1/backfills?workflow=daily&limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", _stop);
            seen.AddRange(page.GetProperty("backfills").EnumerateArray().Select(b => b.GetProperty("backfill_id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        seen.ShouldBe(made.Order().Reverse());
    }

    [Fact]
    public async Task A_dry_run_says_what_would_run_and_starts_nothing()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var answer = await serve.Http.PostAsJsonAsync("/api/v1/backfills", new { workflow = "daily", param = "day", from = "2026-01-01", to = "2026-01-09", step = "7d", dry_run = true }, _stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var runs = (await answer.Content.ReadFromJsonAsync<JsonElement>(_stop)).GetProperty("runs");
        runs.EnumerateArray().Select(r => r.GetProperty("params").GetProperty("day").GetString()).ShouldBe(["2026-01-01", "2026-01-08"]);
        (await serve.Http.GetFromJsonAsync<JsonElement>("/api/v1/backfills", _stop)).GetProperty("backfills").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("{}", 400, "bad_json")]
    [InlineData("{\"workflow\":\"daily\",\"from\":\"2026-01-01\"}", 400, "bad_json")]
    [InlineData("{\"workflow\":\"daily\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"form\":1}", 400, "bad_json")]
    [InlineData("{\"workflow\":\"other\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\"}", 404, "workflow_not_found")]
    [InlineData("{\"workflow\":\"daily\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"order\":\"random\"}", 422, "invalid_backfill")]
    [InlineData("{\"workflow\":\"daily\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"step\":\"7d\"}", 422, "invalid_backfill")]
    [InlineData("{\"workflow\":\"daily\",\"schedule\":\"one\",\"param\":\"day\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\"}", 422, "invalid_backfill")]
    [InlineData("{\"workflow\":\"daily\",\"param\":\"day\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"params\":{\"day\":\"2026-01-01\"}}", 422, "invalid_backfill")]
    [InlineData("{\"workflow\":\"daily\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"params\":{\"day\":\"tomorrow\"}}", 422, "invalid_backfill")]
    [InlineData("{\"workflow\":\"daily\",\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"parallelism\":101}", 422, "invalid_backfill")]
    public async Task What_cannot_be_made_is_refused(string body, int status, string code)
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var answer = await serve.Http.PostAsync("/api/v1/backfills", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), _stop);
        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(_stop)).GetProperty("code").GetString().ShouldBe(code);
    }

    [Theory]
    [InlineData("/api/v1/backfills/nope", 404)]
    [InlineData("/api/v1/backfills/0199a3b2-7c4e-7d10-9a52-6f0c1e2d3b4a", 404)]
    [InlineData("/api/v1/backfills?limit=0", 400)]
    [InlineData("/api/v1/backfills?status=done", 400)]
    [InlineData("/api/v1/backfills?cursor=x", 400)]
    [InlineData("/api/v1/backfills?workflwo=daily", 400)]
    public async Task What_cannot_be_answered_is_refused(string path, int status)
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var answer = await serve.Http.GetAsync(path, _stop);
        ((int)answer.StatusCode).ShouldBe(status);
    }

    public void Dispose() => _box.Dispose();

    private async Task<JsonElement> EndAsync(RunningServe serve, string id)
    {
        while (true)
        {
            var view = await serve.Http.GetFromJsonAsync<JsonElement>($"/api/v1/backfills/{id}", _stop);
            if (view.GetProperty("finished_at").ValueKind != JsonValueKind.Null) return view;
            _stop.ThrowIfCancellationRequested();
        }
    }
}
