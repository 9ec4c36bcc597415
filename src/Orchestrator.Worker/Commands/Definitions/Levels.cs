using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Worker.Commands.Definitions;

/// <summary>Tasks by the longest way to them: all tasks of a level could run side by side once the levels before it are done.</summary>
internal sealed class Levels
{
    private readonly List<List<TaskDefinition>> _levels = [];
    private readonly Dictionary<TaskId, int> _of = [];

    private Levels(WorkflowDefinition workflow) => Workflow = workflow;

    public WorkflowDefinition Workflow { get; }

    public int Depth => _levels.Count;

    public IReadOnlyList<TaskDefinition> Of(int level) => _levels[level];

    public int LevelOf(TaskDefinition task) => _of[task.Id];

    public static Levels Of(WorkflowDefinition workflow)
    {
        var levels = new Levels(workflow);
        var graph = new TaskGraph(workflow.Tasks);
        var depth = new int[graph.Count];
        foreach (var index in graph.TopologicalOrder())
        {
            foreach (var need in graph.DependenciesOf(index)) depth[index] = Math.Max(depth[index], depth[need] + 1);
            while (levels._levels.Count <= depth[index]) levels._levels.Add([]);
        }
        for (var index = 0; index < graph.Count; index++)
        {
            levels._levels[depth[index]].Add(graph[index]);
            levels._of[graph[index].Id] = depth[index];
        }
        return levels;
    }
}
