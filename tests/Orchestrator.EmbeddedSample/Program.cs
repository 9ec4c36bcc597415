// A web program with an orchestrator inside: its own C# as tasks, a workflow in C#, one in YAML, events as they happen, and the HTTP API.
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.AspNetCore;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Registration;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);

builder.AddOrchestrator(options => options.DataDirectory = args.ElementAtOrDefault(0) ?? "./data")
    .AddTask("count", async (context, stop) =>
    {
        for (var done = 1; done <= 4; done++)
        {
            stop.ThrowIfCancellationRequested();
            context.ReportProgress($"{done} of 4 boxes counted", done * 25);
            await Task.Yield();
        }
        context.Logger.LogInformation("All boxes are counted");
        return new { Boxes = 4 };
    })
    .AddTask("weigh", (context, stop) => context.Attempt == 1
        ? throw new TaskFailedException("the scale is busy")      // in our own words; `retry` brings another attempt
        : Task.FromResult(12.5))
    .AddTask<Greeting, Greeted>("greet", (input, _, _) =>
        Task.FromResult(new Greeted(string.Join(' ', Enumerable.Repeat($"Hello, {input.Name}!", input.Times)))))
    .AddWorkflow(Workflow.Named("boxes")
        .Task("count", t => t.Delegate("count"))
        .Task("weigh", t => t.Delegate("weigh").DependsOn("count").Retry(2, TimeSpan.FromMilliseconds(10)))
        .Build())
    .AddWorkflowsFrom(Path.Combine(AppContext.BaseDirectory, "workflows"));

await using var app = builder.Build();
app.Urls.Add("http://127.0.0.1:0");   // any free port
app.MapOrchestrator("/orchestrator");
var orchestrator = app.Services.GetRequiredService<OrchestratorClient>();
using var progress = orchestrator.Subscribe("task.progress", e => Console.WriteLine($"progress {((TaskProgress)e.Data).Message}"));
using var ends = orchestrator.Subscribe("workflow.*", e => Console.WriteLine($"{e.Workflow} {e.Type}"), filter: e => e.Data is WorkflowEnded, priority: 1);
await app.StartAsync();

var boxes = await orchestrator.SubmitAsync("boxes");
var end = await orchestrator.WaitAsync(boxes.RunId);
var run = await orchestrator.FindAsync(boxes.RunId);
foreach (var task in run!.Tasks)
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task.Id}: {task.Status}, {string.Join(", ", task.Outputs!.Select(o => $"{o.Key}={o.Value}"))}"));

var greeting = await orchestrator.RunAsync("greet", new { Who = args.ElementAtOrDefault(1) ?? "Ada" });
using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
var runs = await http.GetFromJsonAsync<JsonElement>("/orchestrator/api/v1/runs?status=completed");
Console.WriteLine($"By HTTP: {string.Join(", ", runs.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("workflow").GetString()).Order())}");
await app.StopAsync();   // drains, and delivers the last events
return end is WorkflowCompleted && greeting is WorkflowCompleted ? 0 : 1;

internal sealed record Greeting(string Name, int Times = 1);

internal sealed record Greeted(string Text);
