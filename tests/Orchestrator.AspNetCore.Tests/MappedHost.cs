using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Registration;

namespace Orchestrator.AspNetCore.Tests;

/// <summary>Somebody's web program with an orchestrator inside, on Kestrel and a free port of the loopback.</summary>
internal sealed class MappedHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MappedHost(WebApplication app)
    {
        _app = app;
        Http = new() { BaseAddress = new(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public static CancellationToken Soon { get; } = TestContext.Current.CancellationToken;

    /// <param name="box">Where its data are.</param>
    /// <param name="map">What it maps.</param>
    /// <param name="build">Adds to its services.</param>
    /// <param name="use">Adds middleware.</param>
    public static async Task<MappedHost> StartAsync(Sandbox box, Action<IEndpointRouteBuilder> map, Action<WebApplicationBuilder>? build = null, Action<WebApplication>? use = null)
    {
        var app = Build(box, build);
        use?.Invoke(app);
        map(app);
        await app.StartAsync(Soon);
        return new(app);
    }

    public static WebApplication Build(Sandbox box, Action<WebApplicationBuilder>? build = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = box.Root });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOrchestrator(o => (o.DataDirectory, o.Drain) = (box.PathOf("data"), TimeSpan.Zero))
            .AddTask("greet", (_, _) => Task.FromResult("hello"))
            .AddTask("hold", async (_, stop) => { await new TaskCompletionSource().Task.WaitAsync(stop); return 0; })
            .AddWorkflow(Workflow.Named("hello").Task("greet", t => t.Delegate("greet")).Build())
            .AddWorkflow(Workflow.Named("long").Task("hold", t => t.Delegate("hold")).Build());
        build?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>Starts a run; the answer must be 202.</summary>
    /// <returns>The path of the run.</returns>
    public async Task<string> StartRunAsync(string prefix, string workflow, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{prefix}/api/v1/workflows/{workflow}/runs") { Content = JsonContent.Create(new { }) };
        with?.Invoke(request);
        using var answer = await Http.SendAsync(request, Soon);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Soon));
        return answer.Headers.Location!.OriginalString;
    }

    public async Task<JsonElement> JsonAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path, Soon);

    /// <summary>The types of the events of a run, streamed until one of them comes.</summary>
    public async Task<IReadOnlyList<string>> EventsUntilAsync(string run, string type)
    {
        using var answer = await Http.GetAsync($"{run}/events/stream", HttpCompletionOption.ResponseHeadersRead, Soon);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Soon));
        var types = new List<string>();
        while (!types.Contains(type) && await reader.ReadLineAsync(Soon) is { } line)
            if (line.StartsWith("event: ", StringComparison.Ordinal)) types.Add(line["event: ".Length..]);
        return types;
    }

    /// <summary>The status of an answer, and the code of its problem.</summary>
    public async Task<(int Status, string? Code)> AskAsync(HttpMethod method, string path, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(method, path);
        with?.Invoke(request);
        using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Soon);
        var code = answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? (await answer.Content.ReadFromJsonAsync<JsonElement>(Soon)).GetProperty("code").GetString() : null;
        return ((int)answer.StatusCode, code);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
