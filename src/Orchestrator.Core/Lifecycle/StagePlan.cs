using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Which stage each task of a definition belongs to, and which stages were declared.</summary>
public sealed class StagePlan
{
    /// <summary>The stage of tasks that name none.</summary>
    public const string Implicit = "default";

    private readonly Dictionary<TaskId, string?> _stages;
    private readonly HashSet<string> _declared;
    private readonly HashSet<TaskId> _handlers;

    /// <summary>Reads a definition.</summary>
    public StagePlan(WorkflowDefinition definition)
    {
        Workflow = definition.Name;
        _declared = new(definition.Stages, StringComparer.Ordinal);
        _stages = new(definition.Tasks.Length);
        foreach (var task in definition.Tasks) _stages.TryAdd(task.Id, task.Stage);
        _handlers = definition.Handlers is { } handlers ? handlers.All.Select(h => h.Id).ToHashSet() : [];
    }

    /// <summary>Name of the workflow.</summary>
    public string Workflow { get; }

    /// <summary>The task's stage, of a fan-out's child that of its task; <c>default</c> when it names none.</summary>
    public string StageOf(TaskId task) => _stages.TryGetValue(task, out var stage) ? stage ?? Implicit
        : task.TrySplit(out var parent, out _) ? _stages.GetValueOrDefault(parent) ?? Implicit : Implicit;

    /// <summary>Whether the task handles the run's end; handlers belong to no stage.</summary>
    public bool IsHandler(TaskId task) => _handlers.Contains(task);

    /// <summary>Whether the stage stands in the definition: only those have spans.</summary>
    public bool IsDeclared(string stage) => _declared.Contains(stage);
}
