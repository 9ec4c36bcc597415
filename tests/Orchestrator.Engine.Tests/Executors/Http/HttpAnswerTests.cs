using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Http;

public sealed class HttpAnswerTests
{
    [Fact]
    public async Task Status_headers_and_a_JSON_body_become_results()
    {
        await using var scene = await HttpScene.StartAsync(async c =>
        {
            c.Response.Headers["X-Both"] = new(["a", "b"]);
            await LoopbackSite.TextAsync(c, 201, """{"rows": [1, 2]}""", "application/problem+json; charset=utf-8");
        });
        var outputs = await scene.OutputsAsync(scene.Get());
        outputs["status"].GetInt32().ShouldBe(201);
        outputs["headers"].GetProperty("x-both").GetString().ShouldBe("a, b");
        outputs["headers"].GetProperty("content-type").GetString().ShouldBe("application/problem+json; charset=utf-8");
        outputs["body"].GetProperty("rows")[1].GetInt32().ShouldBe(2);
    }

    [Theory]
    [InlineData("{broken", "application/json", "{broken")]
    [InlineData("gr\u00fc\u00df", "text/plain; charset=utf-8", "gr\u00fc\u00df")]
    [InlineData("", "application/json", "")]
    public async Task A_body_that_is_not_JSON_is_a_text(string body, string type, string expected)
    {
        await using var scene = await HttpScene.AnsweringAsync(200, body, type);
        (await scene.OutputsAsync(scene.Get()))["body"].GetString().ShouldBe(expected);
    }

    [Fact]
    public async Task What_is_asked_for_is_what_is_sent()
    {
        await using var scene = await HttpScene.AnsweringAsync(200);
        var headers = ImmutableSortedDictionary<string, string>.Empty.Add("X-Day", "2026-01-01").Add("Content-Type", "application/vnd.x+json");
        await scene.DoAsync(scene.Call(new("") { Method = "PUT" }, new(scene.Site.Url + "/a?b=c%20d") { Headers = headers, Json = JsonSerializer.SerializeToElement(new { n = 1 }) }));
        var seen = scene.Site.Last;
        (seen.Method, seen.Path, seen.Body).ShouldBe(("PUT", "/a?b=c%20d", """{"n":1}"""));
        (seen.Headers["X-Day"], seen.Headers["Content-Type"], seen.Headers["User-Agent"]).ShouldBe(("2026-01-01", "application/vnd.x+json", "orchestrator"));

        await scene.DoAsync(scene.Call(new("") { Method = "POST" }, new(scene.Site.Url) { Form = ImmutableSortedDictionary<string, string>.Empty.Add("a", "1 2").Add("b", "&") }));
        (scene.Site.Last.Body, scene.Site.Last.Headers["Content-Type"]).ShouldBe(("a=1+2&b=%26", "application/x-www-form-urlencoded"));

        await scene.DoAsync(scene.Call(new("") { Method = "PATCH" }, new(scene.Site.Url) { Body = "line\nline" }));
        (scene.Site.Last.Body, scene.Site.Last.Headers["Content-Type"]).ShouldBe(("line\nline", "text/plain; charset=utf-8"));
    }

    [Fact]
    public async Task Without_tracing_the_other_side_sees_the_attempts_own_context()
    {
        await using var scene = await HttpScene.AnsweringAsync(200);
        var attempt = scene.Get();
        await scene.DoAsync(attempt with { Trace = attempt.Trace with { TraceState = "a=b", Baggage = "orchestrator.run.id=1" } });
        var headers = scene.Site.Last.Headers;
        (headers["traceparent"], headers["tracestate"], headers["baggage"]).ShouldBe((AttemptScene.TraceParent, "a=b", "orchestrator.run.id=1"));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_not_read_to_its_end()
    {
        var sent = 0L;
        await using var scene = await HttpScene.StartAsync(
            async c =>
            {
                for (; sent < 1L << 32; sent += 65536) await c.Response.Body.WriteAsync(new byte[65536], c.RequestAborted);
            },
            new ProcessTaskOptions { OutputLimit = 100_000 });
        var failed = await scene.FailAsync(scene.Get());
        (failed.Kind, failed.Retryable).ShouldBe((FailureKind.OutputLimit, false));
        failed.Message.ShouldContain("http.save");
        sent.ShouldBeLessThan(1L << 31);
    }

    [Fact]
    public async Task A_saved_body_is_a_file_of_the_run_and_not_a_result()
    {
        await using var scene = await HttpScene.AnsweringAsync(200, new string('x', 100_000), "application/json");
        var outputs = await scene.OutputsAsync(scene.Call(new(""), new(scene.Site.Url) { Save = "in/sales.json" }));
        outputs.Keys.ShouldBe(["bytes", "headers", "saved", "status"]);
        (outputs["bytes"].GetInt64(), outputs["saved"].GetString()).ShouldBe((100_000, "in/sales.json"));
        new FileInfo(Path.Combine(scene.RunDirectory, "artifacts/in/sales.json")).Length.ShouldBe(100_000);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/outside")]
    [InlineData("a/../../outside")]
    [InlineData("link/outside")]
    [InlineData("folder/")]
    public async Task A_saved_body_never_leaves_the_artifacts(string save)
    {
        await using var scene = await HttpScene.AnsweringAsync(200, "x");
        Directory.CreateDirectory(Path.Combine(scene.RunDirectory, "artifacts"));
        File.CreateSymbolicLink(Path.Combine(scene.RunDirectory, "artifacts/link"), scene.RunDirectory);
        (await scene.FailAsync(scene.Call(new(""), new(scene.Site.Url) { Save = save }))).Message.ShouldContain("cannot be the name of an artifact");
        Directory.EnumerateFiles(scene.RunDirectory, "outside", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_saved_body_that_breaks_off_or_is_too_large_leaves_nothing()
    {
        await using var scene = await HttpScene.StartAsync(async c =>
        {
            await c.Response.Body.WriteAsync(new byte[50_000]);
            await c.Response.Body.FlushAsync();
            if (c.Request.Path == "/cut") c.Abort();
        }, new ProcessTaskOptions { ArtifactsLimit = 10_000 });
        foreach (var path in (string[])["/cut", "/large"])
            (await scene.DoAsync(scene.Call(new(""), new(scene.Site.Url + path) { Save = "x" }))).ShouldBeOfType<TaskOutcome.Failed>();
        Directory.EnumerateFiles(Path.Combine(scene.RunDirectory, "artifacts")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_log_tells_the_exchange_without_secrets()
    {
        await using var scene = await HttpScene.AnsweringAsync(200, "answer");
        var attempt = scene.Get("/?key=hunter2-hunter2").WithSecrets("hunter2-hunter2");
        var outcome = await scene.DoAsync(attempt);
        outcome.LogRef.ShouldBe($"logs/{attempt.Task.Id}.1.log");
        var log = scene.LogOf(attempt);
        log.ShouldContain("> GET " + scene.Site.Url + "/?key=***");
        log.ShouldContain("< 200 OK (HTTP/1.1, text/plain)");
        log.ShouldContain("< 6 bytes after");
    }
}
