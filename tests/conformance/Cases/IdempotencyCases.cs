using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Submitting twice what should run once.</summary>
public sealed class IdempotencyCases
{
    [Fact(DisplayName = "I01 a key gives one run whenever the server is killed, and the key is in the run's first event")]
    public async Task Kill()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", "name: quick\nparams: {n: {type: integer, default: 1}}\ntasks: [{id: a, noop: true}]\n");
        var seen = new Dictionary<string, string>();   // what some answer has told
        var keys = new List<string>();
        for (var round = 0; round < 4; round++)
        {
            await using (var server = await Server.StartAsync(box))
            {
                // Killed while they are on their way: some answers come, others do not, and some runs are accepted without one.
                var asked = Enumerable.Range(0, 40).Select(i => $"round{round}-{i}").ToList();
                keys.AddRange(asked);
                var answers = asked.Select(k => TryAsync(server, k)).ToList();
                await Task.WhenAny(answers[(round * 13) % 40], Task.WhenAll(answers));
                server.Process.Signal(9);
                foreach (var (key, id) in await Task.WhenAll(answers))
                    if (id is not null) seen[key] = id;
            }
        }
        await using (var server = await Server.StartAsync(box))
        {
            var ids = new HashSet<string>();
            foreach (var key in keys)
            {
                var (id, _) = await SubmitAsync(server, key);
                if (seen.TryGetValue(key, out var told)) id.ShouldBe(told, key);
                ids.Add(id).ShouldBeTrue();
                (await server.EndOfAsync(id)).ShouldBe("completed");
            }
            // No run beside them: none was accepted under an id that nobody can find by its key.
            var all = (await server.GetAsync("/api/v1/runs?limit=500")).GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("run_id").GetString()!).ToHashSet();
            all.SetEquals(ids).ShouldBeTrue($"{all.Count} runs for {ids.Count} keys");
            var first = await box.EventsAsync(ids.First());
            first[0].GetProperty("data").GetProperty("idempotency_key").GetString().ShouldBe(keys[0]);
        }
    }

    [Fact(DisplayName = "I02 a key with another body is refused with 422, the same body is answered as before and says so")]
    public async Task Reuse()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", "name: quick\nparams: {n: {type: integer, default: 1}}\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var (first, replayed) = await SubmitAsync(server, "key", "{\"params\":{\"n\":2}}");
        replayed.ShouldBeFalse();
        (await SubmitAsync(server, "key", "{ \"params\": {\"n\": 2} }")).ShouldBe((first, true));
        using var other = await SendAsync(server, "key", "{\"params\":{\"n\":3}}");
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        other.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    private static async Task<(string Key, string? Id)> TryAsync(Server server, string key)
    {
        try { return (key, (await SubmitAsync(server, key)).Id); }
        catch (HttpRequestException) { return (key, null); }
        catch (IOException) { return (key, null); }
    }

    [Fact(DisplayName = "I03 a key whose run was removed starts no other, also after a restart")]
    public async Task Removed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", "name: quick\nretention: {count: 1}\ntasks: [{id: a, noop: true}]\n");
        string one, two;
        await using (var server = await Server.StartAsync(box))
        {
            (one, _) = await SubmitAsync(server, "one");
            await server.EndOfAsync(one);
            (two, _) = await SubmitAsync(server, "two");
            await server.EndOfAsync(two);
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);   // it archives what has ended: only that can be removed
        }
        (await box.RunAsync("journal", "gc")).Exits(0);   // unless `serve` has done it
        for (var round = 0; round < 2; round++)
            await using (var server = await Server.StartAsync(box))
            {
                (await SubmitAsync(server, "one")).ShouldBe((one, true));
                (await server.GetAsync("/api/v1/runs")).GetProperty("runs").EnumerateArray().Select(r => r.RunId()).ShouldBe([two]);
            }
    }

    private static async Task<(string Id, bool Replayed)> SubmitAsync(Server server, string key, string body = "{}")
    {
        using var answer = await SendAsync(server, key, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, text);
        return (JsonDocument.Parse(text).RootElement.GetProperty("run_id").GetString()!, answer.Headers.Contains("Idempotency-Replayed"));
    }

    private static async Task<HttpResponseMessage> SendAsync(Server server, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/quick/runs") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        return await server.Http.SendAsync(request);
    }
}
