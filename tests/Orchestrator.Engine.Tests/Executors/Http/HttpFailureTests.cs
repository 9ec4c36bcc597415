using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Http;

public sealed class HttpFailureTests
{
    [Theory]
    [InlineData(404, false)]
    [InlineData(400, false)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(304, false)]
    public async Task An_unexpected_status_is_told_with_the_beginning_of_the_body(int status, bool retryable)
    {
        await using var scene = await HttpScene.StartAsync(async c =>
        {
            c.Response.StatusCode = status;
            if (status != 304) await c.Response.WriteAsync("no such\n  table " + new string('x', 5000));
        });
        var failed = await scene.FailAsync(scene.Get());
        (failed.Kind, failed.HttpStatus, failed.Retryable, failed.RetryAfter).ShouldBe((FailureKind.HttpStatus, status, retryable, null));
        failed.Message.ShouldStartWith($"The answer was {status} ");
        if (status != 304) failed.Message.ShouldContain("It says: no such table xxx");
        failed.Message.Length.ShouldBeLessThan(700);
    }

    [Theory]
    [InlineData(404, "404", true)]
    [InlineData(404, "4xx", true)]
    [InlineData(204, "200-204", true)]
    [InlineData(200, "201", false)]
    [InlineData(302, "3xx", true)]
    public async Task The_task_says_which_statuses_it_expects(int status, string expect, bool succeeds)
    {
        await using var scene = await HttpScene.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            if (status == 302) c.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });
        ((await scene.DoAsync(scene.Get("/", expect))) is TaskOutcome.Succeeded).ShouldBe(succeeds);
        scene.Site.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Retry_After_is_understood_in_seconds_and_as_a_date()
    {
        var date = TimeProvider.System.GetUtcNow().AddHours(2).ToString("r", CultureInfo.InvariantCulture);
        await using var scene = await HttpScene.StartAsync(c =>
        {
            c.Response.StatusCode = 503;
            c.Response.Headers.RetryAfter = c.Request.Path == "/date" ? date : c.Request.Path == "/past" ? "Thu, 01 Jan 2015 00:00:00 GMT" : "17";
            return Task.CompletedTask;
        });
        (await scene.FailAsync(scene.Get())).RetryAfter.ShouldBe(TimeSpan.FromSeconds(17));
        (await scene.FailAsync(scene.Get("/date"))).RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(120));
        (await scene.FailAsync(scene.Get("/past"))).RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task Each_reason_for_no_answer_has_its_own_sentence()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        await using var cut = await HttpScene.StartAsync(c => { c.Abort(); return Task.CompletedTask; });
        await using var torn = await HttpScene.StartAsync(async c =>
        {
            c.Response.ContentLength = 1000;
            await c.Response.WriteAsync("x");
            await c.Response.Body.FlushAsync();
            c.Abort();
        });
        await using var tls = await HttpScene.StartAsync(_ => Task.CompletedTask, tls: true);
        await using var plain = await HttpScene.AnsweringAsync(200);

        var refused = await plain.FailAsync(plain.Call(new(""), new($"http://127.0.0.1:{port}/")));
        (refused.Retryable, refused.Kind).ShouldBe((true, FailureKind.Error));
        refused.Message.ShouldBe($"Nothing listens on 127.0.0.1:{port}: the connection was refused.");
        var unknown = await plain.FailAsync(plain.Call(new(""), new("http://no-such-host.invalid/")));
        unknown.Message.ShouldContain("'no-such-host.invalid' cannot be found");
        unknown.Retryable.ShouldBeTrue();
        var untrusted = await tls.FailAsync(tls.Get());
        untrusted.Message.ShouldContain("certificate");
        untrusted.Message.ShouldContain("not trusted");
        untrusted.Retryable.ShouldBeFalse();
        (await plain.FailAsync(plain.Call(new(""), new(plain.Site.Url.Replace("http", "https", StringComparison.Ordinal))))).Message.ShouldContain("No TLS connection");
        (await cut.FailAsync(cut.Get())).Message.ShouldMatch("reset by the other side|ended before there was an answer");
        (await torn.FailAsync(torn.Get())).Message.ShouldMatch("reset by the other side|ended before the answer was complete");
    }

    [Theory]
    [InlineData("ftp://host/", "not an absolute http or https address")]
    [InlineData("/only/path", "not an absolute http or https address")]
    [InlineData("http://ada:hunter22@127.0.0.1/", "in the header Authorization")]
    public async Task An_address_that_cannot_be_asked_is_refused_and_not_retried(string url, string because)
    {
        await using var scene = await HttpScene.AnsweringAsync(200);
        var failed = await scene.FailAsync(scene.Call(new(""), new(url)));
        failed.Message.ShouldContain(because);
        failed.Message.ShouldNotContain("hunter22");
        failed.Retryable.ShouldBeFalse();
    }

    [Theory]
    [InlineData("X-A", "1\r\nX-B: 2", "line break")]
    [InlineData("bad name", "1", "cannot be the name of a header")]
    [InlineData("Transfer-Encoding", "chunked", "leave it out")]
    public async Task A_header_that_would_change_the_request_is_refused(string name, string value, string because)
    {
        await using var scene = await HttpScene.AnsweringAsync(200);
        var call = new Core.Planning.HttpCall(scene.Site.Url) { Headers = ImmutableSortedDictionary<string, string>.Empty.Add(name, value) };
        (await scene.FailAsync(scene.Call(new(""), call))).Message.ShouldContain(because);
        scene.Site.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stop_aborts_the_request_in_every_phase()
    {
        foreach (var phase in (string[])["/silent", "/headers"])
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var scene = await HttpScene.StartAsync(async c =>
            {
                using var registration = c.RequestAborted.Register(() => aborted.TrySetResult());
                if (phase == "/headers") await c.Response.WriteAsync("x");
                reached.SetResult();
                await aborted.Task;
            });
            using var stop = new CancellationTokenSource();
            var attempt = scene.Get(phase);
            var working = scene.DoAsync(attempt, stop.Token);
            await reached.Task;
            await stop.CancelAsync();
            (await working).ShouldBeOfType<TaskOutcome.Cancelled>();
            await aborted.Task.WaitAsync(TimeSpan.FromSeconds(30));
            scene.LogOf(attempt).ShouldContain("aborted");
        }
    }

    [Fact]
    public async Task A_secret_in_an_answer_is_masked_in_the_message()
    {
        await using var scene = await HttpScene.AnsweringAsync(401, "the token hunter2-hunter2 is wrong");
        (await scene.FailAsync(scene.Get().WithSecrets("hunter2-hunter2"))).Message.ShouldContain("the token *** is wrong");
    }
}
