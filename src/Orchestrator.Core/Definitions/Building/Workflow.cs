using System.Globalization;

namespace Orchestrator.Core.Definitions;

/// <summary>Begins a workflow written in C#, or makes one of a usual shape from its tasks alone.</summary>
public static class Workflow
{
    /// <summary>A builder for a workflow of this name; rules are applied by <see cref="WorkflowBuilder.Build"/>.</summary>
    public static WorkflowBuilder Named(string name) => new(name);

    /// <summary>Tasks one after another: <c>step_1</c>, <c>step_2</c> and so on, each depending on the one before it.</summary>
    /// <exception cref="DefinitionException">Rules are broken; it lists every problem.</exception>
    public static WorkflowDefinition Chain(string name, params Action<TaskBuilder>[] tasks) => Chain(name, Numbered("step", tasks));

    /// <inheritdoc cref="Chain(string, Action{TaskBuilder}[])"/>
    /// <remarks>With ids of the caller's own.</remarks>
    public static WorkflowDefinition Chain(string name, params (string Id, Action<TaskBuilder> Task)[] tasks)
    {
        var workflow = Named(name);
        for (var i = 0; i < tasks.Length; i++) Add(workflow, tasks[i], i > 0 ? [tasks[i - 1].Id] : []);
        return workflow.Build();
    }

    /// <summary>Tasks side by side: <c>task_1</c>, <c>task_2</c> and so on, none depending on another.</summary>
    /// <exception cref="DefinitionException">Rules are broken; it lists every problem.</exception>
    public static WorkflowDefinition Parallel(string name, params Action<TaskBuilder>[] tasks) => Parallel(name, Numbered("task", tasks));

    /// <inheritdoc cref="Parallel(string, Action{TaskBuilder}[])"/>
    /// <remarks>With ids of the caller's own.</remarks>
    public static WorkflowDefinition Parallel(string name, params (string Id, Action<TaskBuilder> Task)[] tasks)
    {
        var workflow = Named(name);
        foreach (var task in tasks) Add(workflow, task, []);
        return workflow.Build();
    }

    /// <summary>One task, then tasks side by side (<c>parallel_1</c>, <c>parallel_2</c> and so on), then one that depends on all of these.</summary>
    /// <exception cref="DefinitionException">Rules are broken; it lists every problem.</exception>
    public static WorkflowDefinition FanOutFanIn(
        string name, Action<TaskBuilder> initial, IEnumerable<Action<TaskBuilder>> parallel, Action<TaskBuilder> final, string initialId = "initial", string finalId = "final")
    {
        var between = Numbered("parallel", [.. parallel]);
        var workflow = Named(name);
        Add(workflow, (initialId, initial), []);
        foreach (var task in between) Add(workflow, task, [initialId]);
        Add(workflow, (finalId, final), between.Length > 0 ? [.. between.Select(t => t.Id)] : [initialId]);
        return workflow.Build();
    }

    private static (string Id, Action<TaskBuilder> Task)[] Numbered(string prefix, Action<TaskBuilder>[] tasks) =>
        [.. tasks.Select((task, i) => (string.Create(CultureInfo.InvariantCulture, $"{prefix}_{i + 1}"), task))];

    private static void Add(WorkflowBuilder workflow, (string Id, Action<TaskBuilder> Task) task, string[] after) => workflow.Task(task.Id, t =>
    {
        task.Task(t);
        if (after.Length > 0) t.DependsOn(after);
    });
}
