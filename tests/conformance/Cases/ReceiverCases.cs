using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Receivers that ask to be left alone, that are private, or that take nothing; and dead letters beside a `serve`.</summary>
public sealed class ReceiverCases
{
    private const string Flow = "name: x\ntasks: [{id: a, noop: true}]\n";

    [Fact(DisplayName = "V10 a webhook that answers with Retry-After is left alone for that long, and gets its event then")]
    public async Task RetryAfter()
    {
        await using var box = new Sandbox();
        var asked = new ConcurrentQueue<long>();
        await using var site = await LoopbackSite.StartAsync(async c =>
        {
            asked.Enqueue(Stopwatch.GetTimestamp());
            if (asked.Count <= 2) c.Response.Headers.RetryAfter = "2";
            await LoopbackSite.TextAsync(c, asked.Count <= 2 ? 503 : 204, "");
        });
        Configure(box, site.Url);
        box.Write("workflows/x.yaml", Flow);
        await using var server = await Server.StartAsync(box);
        await server.SubmitAsync("x");
        await Poll.UntilAsync(() => asked.Count == 3, "the third attempt");
        var times = asked.ToArray();
        for (var i = 1; i < times.Length; i++) Stopwatch.GetElapsedTime(times[i - 1], times[i]).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.9));
    }

    [Theory(DisplayName = "V11 no form of a private address is called: compatible, mapped, translated and tunnelled ones, documentation and protocols")]
    [InlineData("[::127.0.0.1]"), InlineData("[2002:7f00:1::]"), InlineData("[::]"), InlineData("2130706433")]
    public async Task Private(string host)
    {
        await using var box = new Sandbox();
        Configure(box, $"http://{host}:9/");
        box.Environment.Remove("Orchestrator__Webhooks__AllowedNetworks");
        box.Environment["Orchestrator__Webhooks__Attempts"] = "1";
        box.Write("workflows/x.yaml", Flow);
        await using var server = await Server.StartAsync(box);
        await server.SubmitAsync("x");
        await Poll.UntilAsync(async () => (await box.RunAsync("dead-letters", "list", "--json")).JsonLines().Any(l => l.TryGetProperty("at", out _)), "the dead letter");
        (await box.RunAsync("dead-letters", "list")).Output.ShouldContain("a private address");
    }

    [Fact(DisplayName = "V12 a broker and a webhook that take nothing show in /healthz with what they failed with, and no longer once they do; the server is ready all the same")]
    public async Task Health()
    {
        await using var box = new Sandbox();
        var status = 500;
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, status, ""));
        Configure(box, site.Url);
        box.Environment["Orchestrator__Webhooks__Attempts"] = "20";
        box.Environment["Orchestrator__Webhooks__BreakerRest"] = "300ms";
        box.Environment["Orchestrator__RabbitMq__Uri"] = "amqp://guest:s3cret-of-the-broker@127.0.0.1:1/";
        box.Write("workflows/x.yaml", Flow);
        await using var server = await Server.StartAsync(box);
        (await server.GetAsync("/healthz")).GetProperty("deliveries").GetArrayLength().ShouldBe(0);
        await server.SubmitAsync("x");
        await Poll.UntilAsync(async () => (await TroublesAsync(server)).Count == 2, "both troubles");
        var troubles = await TroublesAsync(server);
        troubles.Keys.Order(StringComparer.Ordinal).ShouldBe(["rabbitmq", "webhook.ops"]);
        troubles["webhook.ops"].Text("reason").ShouldBe("answered 500");
        troubles["rabbitmq"].Text("host")!.ShouldContain("127.0.0.1:1");
        troubles["rabbitmq"].GetProperty("since").GetDateTimeOffset().ShouldBeLessThan(TimeProvider.System.GetUtcNow());
        (await server.Http.GetStringAsync("/healthz")).ShouldNotContain("s3cret");
        (await server.AskAsync("/readyz")).Status.ShouldBe(200);
        status = 204;
        await Poll.UntilAsync(async () => !(await TroublesAsync(server)).ContainsKey("webhook.ops"), "the recovery");
        (await TroublesAsync(server)).Keys.ShouldBe(["rabbitmq"]);
    }

    [Fact(DisplayName = "V13 dead-letters beside a serve asks it: it sends with what it was configured with, and its account is right")]
    public async Task BesideServe()
    {
        await using var box = new Sandbox();
        var status = 500;
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, status, ""));
        Configure(box, site.Url);
        box.Environment["Orchestrator__Webhooks__Attempts"] = "1";
        box.Environment["Orchestrator__Webhooks__Endpoints__ops__SecretEnv"] = "HOOK_SECRET";
        box.Environment["HOOK_SECRET"] = "s3cret";
        box.Write("workflows/x.yaml", Flow);
        await using var server = await Server.StartAsync(box);
        foreach (var name in box.Environment.Keys.Where(k => k.Contains("Webhooks", StringComparison.Ordinal) || k == "HOOK_SECRET").ToList()) box.Environment.Remove(name);
        for (var n = 0; n < 2; n++) await server.SubmitAsync("x");
        await Poll.UntilAsync(async () => (await LettersAsync(box)).Count == 2, "two dead letters");
        (await box.RunAsync("dead-letters", "replay", "--all")).Refuses(1, "was not accepted", "answered 500");
        status = 204;
        (await box.RunAsync("dead-letters", "replay", (await LettersAsync(box))[0].Text("event_id")!, "--json")).Exits(0).Json().GetProperty("replayed").GetInt32().ShouldBe(1);
        site.Last.Headers.ShouldContainKey("X-Orchestrator-Signature");
        (await box.RunAsync("dead-letters", "discard", "--all")).Exits(0).Output.ShouldContain("1 discarded");
        (await LettersAsync(box)).ShouldBeEmpty();
        using var refused = await server.Http.PostAsync("/api/v1/dead-letters/replay", new StringContent("{\"letters\":[]}", System.Text.Encoding.UTF8, "application/json"));
        ((int)refused.StatusCode).ShouldBe(404, "only through the local socket");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    private static void Configure(Sandbox box, string url)
    {
        box.Environment["Orchestrator__Webhooks__AllowedNetworks"] = "127.0.0.0/8";
        box.Environment["Orchestrator__Webhooks__FirstWait"] = "50ms";
        box.Environment["Orchestrator__Webhooks__Endpoints__ops__Url"] = url;
        box.Environment["Orchestrator__Webhooks__Endpoints__ops__Events"] = "workflow.completed";
    }

    private static async Task<Dictionary<string, JsonElement>> TroublesAsync(Server server) =>
        (await server.GetAsync("/healthz")).GetProperty("deliveries").EnumerateArray().ToDictionary(d => d.Text("sink")!, StringComparer.Ordinal);

    private static async Task<List<JsonElement>> LettersAsync(Sandbox box) => [.. (await box.RunAsync("dead-letters", "list", "--json")).JsonLines().Where(l => l.TryGetProperty("at", out _))];
}
