using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Small words for workflows in tests.</summary>
internal static class A
{
    public static WorkflowDefinition Workflow(params TaskDefinition[] tasks) => new() { Name = "test", Tasks = [.. tasks] };

    public static TaskDefinition Task(string id, params string[] dependsOn) =>
        new() { Id = new(id), Action = new NoopAction(), DependsOn = [.. dependsOn.Select(d => new TaskId(d))] };

    public static RetryPolicy Retry(int attempts, double seconds = 1) => new() { MaxAttempts = attempts, InitialDelay = TimeSpan.FromSeconds(seconds) };
}
