using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Registration;

/// <summary>Workflows of an orchestrator inside a host.</summary>
public static class WorkflowRegistration
{
    /// <summary>A workflow written in C#. A delegate it calls that is not registered keeps the host from starting.</summary>
    public static IOrchestratorBuilder AddWorkflow(this IOrchestratorBuilder builder, WorkflowDefinition workflow)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        OrchestratorBuilder.Of(builder).Workflows.Add(workflow);
        return builder;
    }

    /// <summary>Every <c>*.yaml</c> and <c>*.yml</c> below a folder, or one file; changes are followed while the host runs.</summary>
    public static IOrchestratorBuilder AddWorkflowsFrom(this IOrchestratorBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var folders = OrchestratorBuilder.Of(builder).Folders;
        var full = Path.GetFullPath(path);
        if (!folders.Contains(full, StringComparer.Ordinal)) folders.Add(full);
        return builder;
    }
}
