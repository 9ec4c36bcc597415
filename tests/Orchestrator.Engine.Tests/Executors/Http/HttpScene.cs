using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Http;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.TestKit.Http;

namespace Orchestrator.Engine.Tests.Executors.Http;

/// <summary>A site, an executor, and attempts that call the one through the other.</summary>
internal sealed class HttpScene : IAsyncDisposable
{
    private readonly AttemptScene _scene = new();

    private HttpScene(LoopbackSite site, ProcessTaskOptions options)
    {
        Site = site;
        Executor = new(options, TimeProvider.System, NullLogger<HttpTaskExecutor>.Instance);
    }

    public LoopbackSite Site { get; }
    public HttpTaskExecutor Executor { get; }
    public string RunDirectory => _scene.RunDirectory;

    public static async Task<HttpScene> StartAsync(RequestDelegate answer, ProcessTaskOptions? options = null, bool tls = false) =>
        new(await LoopbackSite.StartAsync(answer, tls), options ?? new());

    public static Task<HttpScene> AnsweringAsync(int status, string body = "", string type = "text/plain") =>
        StartAsync(context => LoopbackSite.TextAsync(context, status, body, type));

    public TaskAttempt Get(string path = "/", params string[] expect) => Call(new HttpAction("") { Expect = [.. expect] }, new(Site.Url + path));

    public TaskAttempt Call(HttpAction action, HttpCall call) => _scene.Attempt(action, new() { Http = call });

    public async Task<TaskOutcome> DoAsync(TaskAttempt attempt, CancellationToken stop = default) => await Executor.ExecuteAsync(attempt, stop);

    public async Task<TaskOutcome.Failed> FailAsync(TaskAttempt attempt) => (TaskOutcome.Failed)await DoAsync(attempt);

    public async Task<ImmutableSortedDictionary<string, JsonElement>> OutputsAsync(TaskAttempt attempt) => ((TaskOutcome.Succeeded)await DoAsync(attempt)).Outputs;

    public string LogOf(TaskAttempt attempt) => File.ReadAllText(_scene.LogOf(attempt));

    public async ValueTask DisposeAsync()
    {
        Executor.Dispose();
        await Site.DisposeAsync();
        _scene.Dispose();
    }
}
