using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Which stage each task of a definition belongs to, and which stages were declared.</summary>
public sealed class StagePlan
{
    /// <summary>The stage of tasks that name none.</summary>
    public const string Implicit = "default";

    private readonly Dictionary<TaskId, string?> _stages;
    private readonly HashSet<string> _declared;

    /// <summary>Reads a definition.</summary>
    public StagePlan(WorkflowDefinition definition)
    {
        Workflow = definition.Name;
        _declared = new(definition.Stages, StringComparer.Ordinal);
        _stages = new(definition.Tasks.Length);
        foreach (var task in definition.Tasks) _stages.TryAdd(task.Id, task.Stage);
    }

    /// <summary>Name of the workflow.</summary>
    public string Workflow { get; }

    /// <summary>The task's stage; <c>default</c> when it names none.</summary>
    public string StageOf(TaskId task) => _stages.GetValueOrDefault(task) ?? Implicit;

    /// <summary>Whether the stage stands in the definition: only those have spans.</summary>
    public bool IsDeclared(string stage) => _declared.Contains(stage);
}
