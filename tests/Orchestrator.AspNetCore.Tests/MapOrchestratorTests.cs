using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Engine.Journal;

namespace Orchestrator.AspNetCore.Tests;

/// <summary>The API in a host of somebody else: the same resources as in the program, wherever they are mapped.</summary>
public sealed class MapOrchestratorTests : IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("/orchestrator")]
    [InlineData("/tools/api/orchestrator/")]
    public async Task A_run_is_started_followed_read_and_listed(string prefix)
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator(prefix));
        var below = prefix.TrimEnd('/');
        var run = await host.StartRunAsync(below, "hello");
        run.ShouldStartWith($"{below}/api/v1/runs/");
        (await host.EventsUntilAsync(run, "workflow.completed")).ShouldContain("task.completed");
        var view = await host.JsonAsync(run);
        view.GetProperty("status").GetString().ShouldBe("completed");
        view.GetProperty("tasks").GetProperty("greet").GetProperty("outputs").GetProperty("value").GetString().ShouldBe("hello");
        var listed = (await host.JsonAsync($"{below}/api/v1/runs?workflow=hello")).GetProperty("runs");
        listed.EnumerateArray().Select(r => r.GetProperty("run_id").GetString()).ShouldBe([run.Split('/')[^1]]);
    }

    [Fact]
    public async Task A_run_is_cancelled()
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator("/orchestrator"));
        var run = await host.StartRunAsync("/orchestrator", "long");
        await host.EventsUntilAsync(run, "task.started");
        (await host.AskAsync(HttpMethod.Post, $"{run}/cancel", r => r.Content = JsonContent.Create(new { requested_by = "ann", reason = "enough" }))).Status.ShouldBe(202);
        (await host.EventsUntilAsync(run, "workflow.cancelled")).ShouldContain("workflow.cancelled");
        (await host.AskAsync(HttpMethod.Post, $"{run}/cancel")).ShouldBe((409, "run_ended"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_answered_as_the_program_does()
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator("/orchestrator", o => o.MaxBodyBytes = 2048));
        const string start = "/orchestrator/api/v1/workflows/hello/runs";
        (await host.AskAsync(HttpMethod.Get, "/orchestrator/api/v1/runs?stauts=failed")).ShouldBe((400, "bad_query"));
        (await host.AskAsync(HttpMethod.Get, "/orchestrator/api/v1/runs/none")).ShouldBe((404, "run_not_found"));
        (await host.AskAsync(HttpMethod.Post, start, r => r.Content = new StringContent("{}"))).ShouldBe((415, "json_required"));
        (await host.AskAsync(HttpMethod.Post, start, r => r.Content = JsonContent.Create(new { requested_by = new string('a', 3000) }))).ShouldBe((413, "body_too_large"));
        (await host.AskAsync(HttpMethod.Post, start, r => r.Headers.Add("Origin", "https://evil.example"))).ShouldBe((403, "foreign_origin"));
        (await host.AskAsync(HttpMethod.Post, "/orchestrator/api/v1/runs")).ShouldBe((405, "use_workflow"));
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "not_found", "")]
    [InlineData("GET", "/api/v1/nothing?at=all", 404, "not_found", "")]
    [InlineData("DELETE", "/api/v1/workflows", 405, "method_not_allowed", "GET, HEAD")]
    [InlineData("PUT", "/api/v1/runs/x/retry", 405, "method_not_allowed", "GET, HEAD, POST")]
    [InlineData("DELETE", "/api/v1/runs/x/artifacts/a/b", 405, "method_not_allowed", "GET, HEAD")]
    public async Task What_no_route_takes_below_a_prefix_is_answered_as_the_program_does(string method, string path, int status, string code, string allow)
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator("/orchestrator"));
        (await host.AskAsync(new(method), $"/orchestrator{path}")).ShouldBe((status, code));
        using var request = new HttpRequestMessage(new(method), $"/orchestrator{path}");
        using var answer = await host.Http.SendAsync(request, MappedHost.Soon);
        string.Join(", ", answer.Content.Headers.Allow).ShouldBe(allow);
    }

    [Fact]
    public async Task Without_a_prefix_what_no_route_takes_is_the_hosts()
    {
        await using var host = await MappedHost.StartAsync(_box, app =>
        {
            app.MapOrchestrator();
            app.MapGet("/api/v1/orders", () => "mine");
            app.MapFallback(() => "page");
        });
        (await host.Http.GetStringAsync("/api/v1/orders", MappedHost.Soon)).ShouldBe("mine");
        (await host.Http.GetStringAsync("/api/v1/nothing", MappedHost.Soon)).ShouldBe("page");
    }

    [Fact]
    public async Task Below_a_group_the_path_before_the_API_may_have_parameters()
    {
        await using var host = await MappedHost.StartAsync(_box, app => app.MapGroup("/tenants/{tenant}").MapOrchestrator("flows"));
        (await host.StartRunAsync("/tenants/acme/flows", "hello")).ShouldStartWith("/tenants/acme/flows/api/v1/runs/");
    }

    [Fact]
    public async Task A_path_base_of_the_host_comes_before_the_prefix_and_its_middleware_sees_the_whole_path_again()
    {
        (string Base, string Path) seen = default;
        await using var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator("/orchestrator"), use: app =>
        {
            app.UsePathBase("/site");
            app.Use(async (http, next) =>
            {
                await next(http);
                seen = (http.Request.PathBase.Value!, http.Request.Path.Value!);
            });
            app.UseRouting();
        });
        (await host.StartRunAsync("/site/orchestrator", "hello")).ShouldStartWith("/site/orchestrator/api/v1/runs/");
        seen.ShouldBe(("/site", "/orchestrator/api/v1/workflows/hello/runs"));
    }

    [Fact]
    public async Task Mapped_twice_it_is_one_API_with_one_set_of_idempotency_keys()
    {
        await using var host = await MappedHost.StartAsync(_box, app =>
        {
            app.MapOrchestrator("/inside");
            app.MapOrchestrator("/outside");
        });
        var first = await host.StartRunAsync("/inside", "hello", r => r.Headers.Add("Idempotency-Key", "k1"));
        var again = await host.StartRunAsync("/outside", "hello", r => r.Headers.Add("Idempotency-Key", "k1"));
        again.ShouldBe(first.Replace("/inside", "/outside", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_metrics_and_description_are_mapped_on_demand_and_leave_the_hosts_own_alone()
    {
        await using var host = await MappedHost.StartAsync(_box, app =>
        {
            app.MapGet("/healthz", () => "mine");
            app.MapOrchestrator();
            app.MapOrchestrator("/orchestrator", o => (o.Health, o.Metrics, o.OpenApi) = (true, true, true));
        });
        (await host.Http.GetStringAsync("/healthz", MappedHost.Soon)).ShouldBe("mine");
        foreach (var path in (string[])["/readyz", "/metrics", "/openapi/v1.json"]) (await host.AskAsync(HttpMethod.Get, path)).ShouldBe((404, null), path);
        (await host.JsonAsync("/orchestrator/healthz")).GetProperty("status").GetString().ShouldBe("ok");
        (await host.JsonAsync("/orchestrator/readyz")).GetProperty("status").GetString().ShouldBe("ok");
        (await host.JsonAsync("/orchestrator/openapi/v1.json")).GetProperty("openapi").GetString().ShouldStartWith("3.1");
        await host.EventsUntilAsync(await host.StartRunAsync("/orchestrator", "hello"), "workflow.completed");
        (await host.Http.GetStringAsync("/orchestrator/metrics", MappedHost.Soon)).ShouldContain("cicd_worker_count{cicd_worker_state=\"available\"");
    }

    [Fact]
    public async Task A_host_that_stops_ends_the_streams_of_its_subscribers()
    {
        var host = await MappedHost.StartAsync(_box, app => app.MapOrchestrator());
        using var http = new HttpClient { BaseAddress = host.Http.BaseAddress };
        using var answer = await http.GetAsync("/api/v1/events/stream", HttpCompletionOption.ResponseHeadersRead, MappedHost.Soon);
        await using var stream = await answer.Content.ReadAsStreamAsync(MappedHost.Soon);
        await host.DisposeAsync();
        using var rest = new StreamReader(stream);
        (await rest.ReadToEndAsync(MappedHost.Soon)).ShouldStartWith(": connected");   // to its end
    }

    [Fact]
    public async Task A_host_without_an_orchestrator_is_told_what_is_missing()
    {
        await using var app = WebApplication.CreateBuilder().Build();
        Should.Throw<InvalidOperationException>(() => app.MapOrchestrator()).Message.ShouldContain("AddOrchestrator");
    }

    [Fact]
    public async Task A_journal_of_the_hosts_own_is_refused_because_the_API_would_find_no_runs_in_it()
    {
        await using var app = MappedHost.Build(_box, builder => builder.Services.AddSingleton<IRunJournal>(new MemoryRunJournal()));
        Should.Throw<InvalidOperationException>(() => app.MapOrchestrator()).Message.ShouldContain("Register no IRunJournal");
    }

    [Fact]
    public async Task Options_that_cannot_be_used_keep_the_host_from_starting()
    {
        await using var app = MappedHost.Build(_box);
        Should.Throw<ArgumentException>(() => app.MapOrchestrator(configure: o => o.MaxBodyBytes = 1)).Message
            .ShouldContain("MaxBodyBytes must be from 1024 to 67108864, was 1");
        Should.Throw<InvalidOperationException>(() => app.MapOrchestrator(configure: o => o.TokenFile = "none")).Message
            .ShouldContain($"TokenFile of MapOrchestrator names {_box.PathOf("none")}, which does not exist");
    }
}
