using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Registration;

namespace Orchestrator.AspNetCore.Tests;

/// <summary>The examples of the project's README do what they say.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Fact]
    public async Task A_host_is_given_an_orchestrator_and_its_API()
    {
        var data = _box.PathOf("data");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _box.Root });
        builder.Logging.ClearProviders();
        builder.AddOrchestrator(options => options.DataDirectory = data);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapOrchestrator("/orchestrator");
        await app.StartAsync(MappedHost.Soon);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        (await http.GetStringAsync("/orchestrator/api/v1/workflows", MappedHost.Soon)).ShouldBe("{\"workflows\":[]}");
        await app.StopAsync(MappedHost.Soon);
    }

    [Fact]
    public async Task Callers_are_let_in_by_policy_or_token_and_probes_by_none()
    {
        _box.Write("tokens", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("secret"))));
        await using var host = await MappedHost.StartAsync(_box, app =>
        {
            app.MapOrchestrator("/orchestrator").RequireAuthorization("operators");
            app.MapOrchestrator("/flows", o => o.TokenFile = "tokens");
            app.MapOrchestrator("/internal", o => (o.Health, o.Metrics, o.OpenApi) = (true, true, true));
        }, builder =>
        {
            builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, UserHeader>("test", null);
            builder.Services.AddAuthorization(o => o.AddPolicy("operators", p => p.RequireUserName("ann")));
        });
        foreach (var (path, name, value, status) in new[]
        {
            ("/orchestrator/api/v1/runs", "X-User", "", 401), ("/orchestrator/api/v1/runs", "X-User", "bob", 403), ("/orchestrator/api/v1/runs", "X-User", "ann", 200),
            ("/flows/api/v1/runs", "Authorization", "", 401), ("/flows/api/v1/runs", "Authorization", "Bearer secret", 200),
            ("/internal/healthz", "X-User", "", 200), ("/internal/metrics", "X-User", "", 200), ("/internal/openapi/v1.json", "X-User", "", 200),
        })
            (await host.AskAsync(HttpMethod.Get, path, r => r.Headers.TryAddWithoutValidation(name, value))).Status.ShouldBe(status, $"{path} {value}");
    }

    [Fact]
    public void The_lines_of_the_examples_are_lines_of_these_tests()
    {
        var tests = File.ReadAllLines(Source("tests/Orchestrator.AspNetCore.Tests/ReadmeTests.cs")).Select(l => l.Trim()).ToHashSet();
        var examples = File.ReadAllText(Source("src/Orchestrator.AspNetCore/README.md")).Split("```csharp\n").Skip(1).SelectMany(e => e.Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        examples.Count.ShouldBeGreaterThan(4);
        examples.Where(l => !tests.Contains(l.Trim())).ShouldBeEmpty();
    }

    private static string Source(string relative)
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Orchestrator.sln"))) at = Path.GetDirectoryName(at.TrimEnd('/'))!;
        return Path.Combine(at, relative);
    }
}
