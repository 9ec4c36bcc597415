using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Engine.Registration;

namespace Orchestrator.AspNetCore.Tests;

/// <summary>Who may call the API in a host of somebody else.</summary>
public sealed class AccessTests : IDisposable
{
    private const string Runs = "/api/v1/runs";
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Fact]
    public async Task With_a_token_file_every_call_needs_a_token_and_runs_know_its_name()
    {
        _box.Write("tokens", $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("secret")))} deploy bot\n");
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator(configure: o => (o.TokenFile, o.Health) = ("tokens", true)));
        (await host.AskAsync(HttpMethod.Get, Runs)).ShouldBe((401, "unauthorized"));
        (await host.AskAsync(HttpMethod.Get, Runs, r => r.Headers.Authorization = new("Bearer", "wrong"))).ShouldBe((401, "unauthorized"));
        (await host.AskAsync(HttpMethod.Get, "/healthz")).Status.ShouldBe(200, "probes need none");
        var run = await host.StartRunAsync("", "hello", r => r.Headers.Authorization = new("Bearer", "secret"));
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        (await CallerOf(host, run)).ShouldBe("deploy bot");
    }

    [Fact]
    public async Task Without_a_token_only_callers_on_this_machine_are_answered()
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator(configure: o => (o.Health, o.Metrics, o.OpenApi) = (true, true, true)), use: FromHeader);
        (await host.AskAsync(HttpMethod.Get, Runs)).Status.ShouldBe(200);
        (await host.AskAsync(HttpMethod.Get, Runs, r => r.Headers.Add("X-From", "::ffff:127.0.0.1"))).Status.ShouldBe(200);
        foreach (var path in (string[])[Runs, "/healthz", "/readyz", "/metrics", "/openapi/v1.json"])
            (await host.AskAsync(HttpMethod.Get, path, r => r.Headers.Add("X-From", "203.0.113.7"))).ShouldBe((403, "loopback_only"), path);
        foreach (var proxy in (string[])["X-Forwarded-For", "Forwarded"])
            (await host.AskAsync(HttpMethod.Get, Runs, r => r.Headers.TryAddWithoutValidation(proxy, "for=203.0.113.7"))).ShouldBe((403, "loopback_only"), proxy);
    }

    [Fact]
    public async Task Tokens_and_a_host_that_authorizes_callers_let_them_in_from_elsewhere()
    {
        _box.Write("tokens", $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("secret")))}\n");
        await using var host = await MappedHost.StartAsync(_box, app =>
        {
            app.MapOrchestrator("/tokens", o => o.TokenFile = "tokens");
            app.MapOrchestrator("/host", o => o.AuthorizedByHost = true);
        }, use: FromHeader);
        host.Http.DefaultRequestHeaders.Add("X-From", "203.0.113.7");
        (await host.AskAsync(HttpMethod.Get, "/tokens" + Runs)).ShouldBe((401, "unauthorized"));
        (await host.AskAsync(HttpMethod.Get, "/tokens" + Runs, r => r.Headers.Authorization = new("Bearer", "secret"))).Status.ShouldBe(200);
        (await host.AskAsync(HttpMethod.Get, "/host" + Runs)).Status.ShouldBe(200);
        (await host.AskAsync(HttpMethod.Get, "/tokens/api/v1/nothing")).ShouldBe((401, "unauthorized"), "who is not known is told of no path");
    }

    [Fact]
    public async Task RequireAuthorization_leaves_callers_to_the_host_and_runs_know_their_user()
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator().RequireAuthorization(), AddUsers, FromHeader);
        host.Http.DefaultRequestHeaders.Add("X-From", "203.0.113.7");
        host.Http.DefaultRequestHeaders.Host = "flows.acme.example";   // the host knows what it is called
        (await host.AskAsync(HttpMethod.Get, Runs)).ShouldBe((401, null));
        host.Http.DefaultRequestHeaders.Add("X-User", "ann");
        (await CallerOf(host, await host.StartRunAsync("", "hello"))).ShouldBe("ann");
    }

    [Fact]
    public async Task A_delivery_needs_no_user_because_it_proves_itself()
    {
        _box.Write("flows/push.yaml", """
            name: push
            secrets: {HOOK: {env: HOOK}}
            triggers:
              - {id: git, http: {auth: token, secret: HOOK}}
            tasks:
              - {id: a, noop: {}}
            """);
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator().RequireAuthorization(), builder =>
        {
            AddUsers(builder);
            builder.Services.AddOrchestrator(o => o.Variables = new Dictionary<string, string> { ["HOOK"] = "a-long-secret-of-the-hook" }).AddWorkflowsFrom(_box.PathOf("flows"));
        }, FromHeader);
        host.Http.DefaultRequestHeaders.Add("X-From", "203.0.113.7");
        host.Http.DefaultRequestHeaders.Host = "flows.acme.example";
        (await host.AskAsync(HttpMethod.Post, "/api/v1/triggers/push/git", r => r.Headers.Authorization = new("Bearer", "wrong"))).Status.ShouldBe(401);
        (await host.AskAsync(HttpMethod.Post, "/api/v1/triggers/push/git", r => r.Headers.Authorization = new("Bearer", "a-long-secret-of-the-hook"))).Status.ShouldBe(202);
    }

    [Fact]
    public async Task AllowAnonymous_takes_back_what_the_host_asks_of_callers()
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator().RequireAuthorization().AllowAnonymous(), AddUsers, FromHeader);
        (await host.AskAsync(HttpMethod.Get, Runs, r => r.Headers.Add("X-From", "203.0.113.7"))).ShouldBe((403, "loopback_only"));
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("flows.acme.example", 200)]
    [InlineData("evil.example", 421)]
    public async Task A_name_that_nobody_allowed_is_not_answered(string name, int expected)
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator(configure: o => o.AllowedHosts.Add("flows.acme.example")));
        (await host.AskAsync(HttpMethod.Get, Runs, r => r.Headers.Host = name)).Status.ShouldBe(expected);
    }

    [Fact]
    public async Task A_list_of_names_holds_for_callers_whom_the_host_authorizes_too()
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator(configure: o =>
        {
            o.AuthorizedByHost = true;
            o.AllowedHosts.Add("flows.acme.example");
        }));
        (await host.AskAsync(HttpMethod.Get, Runs, r => r.Headers.Host = "evil.example")).ShouldBe((421, "host_not_allowed"));
    }

    private static async Task<string?> CallerOf(MappedHost host, string run)
    {
        var events = await host.Http.GetStringAsync($"{run}/events", MappedHost.Soon);
        using var created = JsonDocument.Parse(events[..events.IndexOf('\n', StringComparison.Ordinal)]);
        return created.RootElement.GetProperty("data").GetProperty("requested_by").GetString();
    }

    // Where a request comes from, as a test says it.
    private static void FromHeader(WebApplication app)
    {
        app.Use((http, next) =>
        {
            if (http.Request.Headers["X-From"] is [{ } from]) http.Connection.RemoteIpAddress = IPAddress.Parse(from);
            return next(http);
        });
    }

    private static void AddUsers(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, UserHeader>("test", null);
        builder.Services.AddAuthorization();
    }
}
