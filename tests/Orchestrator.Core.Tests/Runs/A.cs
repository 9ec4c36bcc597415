using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Small words for workflows in tests.</summary>
internal static class A
{
    public static WorkflowDefinition Workflow(params TaskDefinition[] tasks) => new() { Name = "test", Tasks = [.. tasks] };

    public static TaskDefinition Task(string id, params string[] dependsOn) =>
        new() { Id = new(id), Action = new NoopAction(), DependsOn = [.. dependsOn.Select(d => new TaskId(d))] };

    /// <summary>A task with a child for each item.</summary>
    public static TaskDefinition Each(string id, int items, params string[] dependsOn) => Task(id, dependsOn) with { FanOut = new() { Items = Json(Enumerable.Range(1, items)) } };

    public static TaskDefinition Wait(string id, string duration, params string[] dependsOn) => Task(id, dependsOn) with { Action = new WaitAction { For = duration } };

    public static TaskDefinition Event(string id, string name, params string[] dependsOn) => Task(id, dependsOn) with { Action = new WaitAction { Event = name } };

    public static TaskDefinition Ask(string id, int required = 1, params string[] approvers) =>
        Task(id) with { Action = new ApprovalAction("Go on?") { Required = required, Approvers = [.. approvers] } };

    public static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);

    public static RetryPolicy Retry(int attempts, double seconds = 1) => new() { MaxAttempts = attempts, InitialDelay = TimeSpan.FromSeconds(seconds) };
}
