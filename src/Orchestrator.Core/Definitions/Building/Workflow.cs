namespace Orchestrator.Core.Definitions;

/// <summary>Begins a workflow written in C#.</summary>
public static class Workflow
{
    /// <summary>A builder for a workflow of this name; rules are applied by <see cref="WorkflowBuilder.Build"/>.</summary>
    public static WorkflowBuilder Named(string name) => new(name);
}
