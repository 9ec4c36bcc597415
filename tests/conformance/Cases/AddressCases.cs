using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Values in the addresses of http tasks.</summary>
public sealed class AddressCases
{
    [Theory(DisplayName = "LU01 a value in an address is encoded for its place; raw() opts out, and an address that begins with an expression stays whole")]
    [InlineData("/load?day=${{ params.v }}", "x&admin=1#f", "/load?day=x%26admin%3D1%23f")]
    [InlineData("/load/${{ params.v }}", "a/b", "/load/a%2Fb")]
    [InlineData("/load/${{ raw(params.v) }}", "a/b?c=d", "/load/a/b?c=d")]
    [InlineData("/load?day=${{ url_encode(params.v) }}", "a b", "/load?day=a%20b")]
    public async Task Encoded(string path, string value, string asked)
    {
        string? seen = null;
        await using var site = await LoopbackSite.StartAsync(c =>
        {
            seen = c.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            return LoopbackSite.TextAsync(c, 200, "ok");
        });
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: x\nparams: {{v: \"\", base: \"{site.Url}\"}}\ntasks: [{{id: a, http: \"{site.Url}{path}\"}}]\n");
        (await box.RunAsync("run", flow, "--param", $"v={value}")).Exits(0);
        seen.ShouldBe(asked);
        var whole = box.Workflow("name: x\nparams: {v: \"\"}\ntasks: [{id: a, http: \"${{ params.v }}\"}]\n", "whole.yaml");
        (await box.RunAsync("run", whole, "--param", $"v={site.Url}/a?b=c&d=e")).Exits(0);
        seen.ShouldBe("/a?b=c&d=e");
    }
}
