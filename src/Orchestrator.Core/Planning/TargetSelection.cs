using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>A workflow cut down to one task and what it needs.</summary>
public static class TargetSelection
{
    /// <summary>
    /// The workflow with every task disabled that <paramref name="target"/> does not wait for, and without the run's results that name them; null when
    /// there is no such task. Disabled tasks are skipped, so that expressions of handlers still find them.
    /// </summary>
    public static WorkflowDefinition? Of(WorkflowDefinition workflow, string target)
    {
        var graph = new TaskGraph(workflow.Tasks);
        if (!TaskId.IsValid(target) || !graph.TryIndexOf(new(target), out var index)) return null;
        var needed = new HashSet<int> { index };
        var open = new Queue<int>(needed);
        while (open.TryDequeue(out var at))
            foreach (var need in graph.DependenciesOf(at))
                if (needed.Add(need)) open.Enqueue(need);
        var names = needed.Select(i => workflow.Tasks[i].Id.ToString()).ToHashSet(StringComparer.Ordinal);
        return workflow with
        {
            Tasks = [.. workflow.Tasks.Select((t, i) => needed.Contains(i) ? t : t with { Enabled = false })],
            Outputs = workflow.Outputs.RemoveRange(workflow.Outputs.Where(o => !IsKnown(o.Value, names)).Select(o => o.Key)),
        };
    }

    private static bool IsKnown(string text, HashSet<string> tasks) =>
        Template.TryParse(text, out var template, out _) && template.References.All(r => r.Root != "tasks" || tasks.Contains(r.Name));
}
