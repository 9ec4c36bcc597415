using System.Net;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Worker.Tests.Api;

public sealed class IdempotencyTests : IDisposable
{
    private readonly Sandbox _box = new();
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    public IdempotencyTests() => _box.Write("config/workflows/quick.yaml", "name: quick\nparams: {n: {type: integer, default: 1}}\ntasks: [{id: a, noop: true}]\n");

    [Fact]
    public async Task A_request_sent_again_gives_the_same_run_before_and_after_a_restart()
    {
        string first;
        await using (var serve = await RunningServe.StartAsync(_box))
        {
            (first, var replayed) = await SubmitAsync(serve, "key-1", "{\"params\": {\"n\": 2}}");
            replayed.ShouldBeFalse();
            (await SubmitAsync(serve, "key-1", "{ \"params\":{\"n\":2} }")).ShouldBe((first, true));
            (await SubmitAsync(serve, "key-2", "{\"params\": {\"n\": 2}}")).Id.ShouldNotBe(first);
            (await _box.RunAsync("events", first, "--follow")).Exits(0).Lines[0].GetProperty("data").GetProperty("idempotency_key").GetString().ShouldBe("key-1");
        }
        await using (var serve = await RunningServe.StartAsync(_box))
            (await SubmitAsync(serve, "key-1", "{\"params\": {\"n\": 2}}")).ShouldBe((first, true));
    }

    [Fact]
    public async Task Requests_at_the_same_time_give_one_run()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SubmitAsync(serve, "same", "{}")));
        answers.Select(a => a.Id).Distinct().ShouldHaveSingleItem();
        answers.Count(a => !a.Replayed).ShouldBe(1);
        var page = JsonDocument.Parse(await serve.Http.GetStringAsync("/api/v1/runs", _stop)).RootElement;
        page.GetProperty("runs").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_key_with_another_body_is_refused_and_a_refused_request_leaves_its_key_free()
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var bad = await SendAsync(serve, "key", "{\"params\": {\"n\": \"many\"}}");
        bad.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await SubmitAsync(serve, "key", "{\"params\": {\"n\": 2}}");
        using var other = await SendAsync(serve, "key", "{\"params\": {\"n\": 3}}");
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await other.Content.ReadAsStringAsync(_stop)).ShouldContain("idempotency_key_reused");
        other.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        await using var serve = await RunningServe.StartAsync(_box);
        using var answer = await SendAsync(serve, key, "{}");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    public void Dispose() => _box.Dispose();

    private async Task<(string Id, bool Replayed)> SubmitAsync(RunningServe serve, string key, string body)
    {
        using var answer = await SendAsync(serve, key, body);
        var text = await answer.Content.ReadAsStringAsync(_stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, text);
        return (JsonDocument.Parse(text).RootElement.GetProperty("run_id").GetString()!, answer.Headers.Contains("Idempotency-Replayed"));
    }

    private async Task<HttpResponseMessage> SendAsync(RunningServe serve, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/quick/runs") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await serve.Http.SendAsync(request, _stop);
    }
}
