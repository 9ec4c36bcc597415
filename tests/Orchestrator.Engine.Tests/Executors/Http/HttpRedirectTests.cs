using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
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
}
