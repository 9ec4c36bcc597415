using System.Collections.Immutable;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Rules about tasks among each other. Linear in tasks and edges; only the message of a problem looks further.</summary>
internal static class GraphRules
{
    // Each suggestion looks at every task: only the first ones are worth it.
    private const int MaxSuggestions = 20;
    private const int MaxCycles = 10;
    private const int LongestPath = 20;

    /// <summary>Checks; false when the graph has a cycle.</summary>
    public static bool Check(WorkflowDefinition workflow, IReadOnlyList<SourceMap> sources, IReadOnlyList<SourceMap> handlers, ProblemLog problems)
    {
        var known = Ids(workflow, sources, handlers, problems);
        Stages(workflow, sources, problems);
        Dependencies(workflow.Tasks, sources, known, problems);
        Choices(workflow.Tasks, sources, known, problems);
        return !Cycles(workflow.Tasks, problems);
    }

    /// <summary>The ids of the tasks. Handlers share their name space: results, logs and events are filed by id.</summary>
    private static HashSet<string> Ids(WorkflowDefinition workflow, IReadOnlyList<SourceMap> sources, IReadOnlyList<SourceMap> handlers, ProblemLog problems)
    {
        var first = new Dictionary<string, SourceSpan>(workflow.Tasks.Length, StringComparer.Ordinal);
        Add(workflow.Tasks, sources, "Task");
        HashSet<string> tasks = [.. first.Keys];
        if (workflow.Handlers is { } ends) Add(ends.All, handlers, "Handler");
        return tasks;

        void Add(IEnumerable<TaskDefinition> all, IReadOnlyList<SourceMap> maps, string what)
        {
            foreach (var (task, map) in all.Zip(maps))
            {
                var id = task.Id.ToString();
                if (first.TryAdd(id, task.Span)) continue;
                var where = first[id].Line > 0 ? $"first on line {first[id].Line}" : $"first at {first[id]}";
                problems.Add(ProblemCodes.DuplicateName, map.Find("id")!.Span, $"{what} '{id}' is defined twice, {where}.", "Give one of them another id.");
            }
        }
    }

    private static void Stages(WorkflowDefinition workflow, IReadOnlyList<SourceMap> sources, ProblemLog problems)
    {
        var declared = workflow.Stages.ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < workflow.Tasks.Length; i++)
        {
            if (workflow.Tasks[i].Stage is not { } stage || stage == "default" || declared.Contains(stage)) continue;
            var guess = Suggest.DidYouMean(stage, workflow.Stages);
            problems.Add(ProblemCodes.UnknownStage, sources[i].Find("stage")!.Span, $"Stage '{SourceScalar.Shorten(stage)}' is not declared.",
                guess.Length > 0 ? guess : "Add it to `stages:`.");
        }
    }

    private static void Dependencies(ImmutableArray<TaskDefinition> tasks, IReadOnlyList<SourceMap> sources, HashSet<string> known, ProblemLog problems)
    {
        var suggestions = MaxSuggestions;
        for (var i = 0; i < tasks.Length; i++)
        {
            var id = tasks[i].Id.ToString();
            foreach (var need in TaskReader.Needs(sources[i]))
            {
                if (need.IsNothing) continue;
                if (need.Text == id)
                    problems.Add(ProblemCodes.SelfDependency, need.Span, $"Task '{id}' depends on itself.", "Remove it from `depends_on`.");
                else if (!known.Contains(need.Text))
                    problems.Add(ProblemCodes.UnknownDependency, need.Span,
                        $"Task '{id}' depends on '{SourceScalar.Shorten(need.Text)}', which this workflow does not define.",
                        suggestions-- > 0 && Suggest.DidYouMean(need.Text, known) is { Length: > 0 } guess ? guess : "Define it, or remove it from `depends_on`.");
            }
        }
    }

    // What a switch does not choose is skipped, and only what waits for it can be.
    private static void Choices(ImmutableArray<TaskDefinition> tasks, IReadOnlyList<SourceMap> sources, HashSet<string> known, ProblemLog problems)
    {
        var dependants = new Lazy<ILookup<TaskId, string>>(() => tasks.SelectMany(t => t.DependsOn.Select(d => (Need: d, Id: t.Id.ToString()))).ToLookup(p => p.Need, p => p.Id));
        for (var i = 0; i < tasks.Length; i++)
        {
            if (tasks[i].Action is not SwitchAction) continue;
            var id = tasks[i].Id;
            foreach (var name in SwitchReader.Names(sources[i]))
                if (!known.Contains(name.Text))
                    problems.Add(ProblemCodes.UnknownDependency, name.Span, $"The switch '{id}' chooses '{SourceScalar.Shorten(name.Text)}', which this workflow does not define.",
                        Suggest.DidYouMean(name.Text, known) is { Length: > 0 } guess ? guess : "Name a task that depends on it.");
                else if (!dependants.Value[id].Contains(name.Text))
                    problems.Add(ProblemCodes.UnknownDependency, name.Span, $"The switch '{id}' chooses '{name.Text}', which does not depend on it.", $"Add '{id}' to the `depends_on` of '{name.Text}'.");
        }
    }

    private static bool Cycles(ImmutableArray<TaskDefinition> tasks, ProblemLog problems)
    {
        // A task that waits for itself has been reported; without that edge it is no cycle.
        if (tasks.Any(t => t.DependsOn.Contains(t.Id)))
            tasks = [.. tasks.Select(t => t with { DependsOn = t.DependsOn.Remove(t.Id) })];
        for (var found = 0; found < MaxCycles; found++)
        {
            var graph = new TaskGraph(tasks);
            var cycle = graph.FindCycle();
            if (cycle.IsEmpty) return found > 0;
            // The path begins with the task declared first: there the author looks.
            var at = cycle.Min(id => graph.IndexOf(id));
            var turn = cycle.IndexOf(tasks[at].Id);
            cycle = [.. cycle[turn..], .. cycle[..turn]];
            var path = cycle.Length <= LongestPath
                ? string.Join(" -> ", cycle)
                : $"{string.Join(" -> ", cycle.Take(LongestPath))} -> … ({cycle.Length} tasks)";
            problems.Add(ProblemCodes.Cycle, tasks[at].Span, $"Tasks wait for each other: {path} -> {cycle[0]}.", "Remove one of these dependencies.");

            // Look for others with this one cut open.
            var cut = tasks.ToBuilder();
            foreach (var id in cycle) cut[graph.IndexOf(id)] = cut[graph.IndexOf(id)] with { DependsOn = [] };
            tasks = cut.ToImmutable();
        }
        return true;
    }
}
