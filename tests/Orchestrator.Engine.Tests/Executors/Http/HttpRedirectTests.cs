using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Http;

public sealed class HttpRedirectTests
{
    [Fact]
    public async Task Up_to_five_redirects_of_a_GET_are_followed()
    {
        await using var scene = await HttpScene.StartAsync(async c =>
        {
            var left = int.Parse(c.Request.Path.Value![1..], CultureInfo.InvariantCulture);
            if (left == 0) await LoopbackSite.TextAsync(c, 200, "here");
            else c.Response.Redirect($"/{left - 1}");
        });
        (await scene.OutputsAsync(scene.Get("/5")))["body"].GetString().ShouldBe("here");
        scene.Site.Seen.Count.ShouldBe(6);
        var failed = await scene.FailAsync(scene.Get("/6"));
        failed.Message.ShouldContain("More than 5 redirects");
        failed.Retryable.ShouldBeFalse();
    }

    [Fact]
    public async Task A_POST_is_never_sent_twice()
    {
        await using var scene = await HttpScene.StartAsync(c => { c.Response.StatusCode = 307; c.Response.Headers.Location = "/again"; return Task.CompletedTask; });
        var failed = await scene.FailAsync(scene.Call(new("") { Method = "POST" }, new(scene.Site.Url) { Body = "x" }));
        (failed.Kind, failed.HttpStatus, failed.Retryable).ShouldBe((FailureKind.HttpStatus, 307, false));
        failed.Message.ShouldContain("It points to /again");
        scene.Site.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Credentials_do_not_follow_to_another_host()
    {
        await using var there = await HttpScene.AnsweringAsync(200, "there");
        await using var here = await HttpScene.StartAsync(c => { c.Response.Redirect(c.Request.Path == "/" ? "/own" : there.Site.Url + "/"); return Task.CompletedTask; });
        var headers = ImmutableSortedDictionary<string, string>.Empty.Add("Authorization", "Bearer t").Add("X-Api-Key", "k").Add("Accept", "text/csv");
        (await here.OutputsAsync(here.Call(new(""), new(here.Site.Url + "/") { Headers = headers })))["body"].GetString().ShouldBe("there");
        here.Site.Last.Headers["X-Api-Key"].ShouldBe("k");
        there.Site.Last.Headers.Keys.ShouldNotContain("Authorization");
        there.Site.Last.Headers.Keys.ShouldNotContain("X-Api-Key");
        there.Site.Last.Headers["Accept"].ShouldBe("text/csv");
    }

    [Fact]
    public async Task Credentials_that_stayed_behind_do_not_come_back_through_a_second_hop()
    {
        HttpScene? home = null;
        await using var there = await HttpScene.StartAsync(c => { c.Response.Redirect(home!.Site.Url + "/chosen-by-another"); return Task.CompletedTask; });
        await using var here = home = await HttpScene.StartAsync(async c =>
        {
            if (c.Request.Path == "/") c.Response.Redirect(there.Site.Url + "/");
            else await LoopbackSite.TextAsync(c, 200, "back");
        });
        var headers = ImmutableSortedDictionary<string, string>.Empty.Add("Authorization", "Bearer t");
        (await here.OutputsAsync(here.Call(new(""), new(here.Site.Url + "/") { Headers = headers })))["body"].GetString().ShouldBe("back");
        here.Site.Seen.Select(r => r.Headers.ContainsKey("Authorization")).ShouldBe([true, false]);
        here.Site.Seen.Select(r => r.Headers.ContainsKey("traceparent")).ShouldBe([true, false]);
    }

    [Theory]
    [InlineData(null, false, false)]
    [InlineData(TracePropagation.None, false, false)]
    [InlineData(TracePropagation.Context, true, false)]
    [InlineData(TracePropagation.ContextPlusBaggage, true, true)]
    public async Task Another_origin_learns_of_the_run_only_what_the_task_says(TracePropagation? propagate, bool context, bool baggage)
    {
        await using var there = await HttpScene.AnsweringAsync(200, "there");
        await using var here = await HttpScene.StartAsync(c => { c.Response.Redirect(there.Site.Url + "/"); return Task.CompletedTask; });
        var attempt = here.Call(new(""), new(here.Site.Url + "/"));
        attempt = attempt with { Task = attempt.Task with { Propagate = propagate }, Trace = new(AttemptScene.TraceParent) { Baggage = "run=1" } };
        await here.OutputsAsync(attempt);
        (there.Site.Last.Headers.ContainsKey("traceparent"), there.Site.Last.Headers.ContainsKey("baggage")).ShouldBe((context, baggage));
        foreach (var value in there.Site.Last.Headers.Values) value.ShouldNotContain(attempt.RunId.ToString());
    }

    [Theory]
    [InlineData("http://[bad")]
    [InlineData("http://:::/x")]
    [InlineData("//")]
    public async Task A_redirect_to_nowhere_is_a_failure_with_a_name(string location)
    {
        await using var scene = await HttpScene.StartAsync(c => { c.Response.StatusCode = 302; c.Response.Headers.Location = location; return Task.CompletedTask; });
        (await scene.FailAsync(scene.Get())).Kind.ShouldNotBe(FailureKind.Panic);
    }
}
