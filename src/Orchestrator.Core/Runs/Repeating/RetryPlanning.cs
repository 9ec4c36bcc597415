using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs.Repeating;

/// <summary>Works out which tasks of a finished run have to run again. Pure.</summary>
public static class RetryPlanning
{
    /// <summary>The plan, or why there is none.</summary>
    /// <param name="earlier">The finished run, folded from its events.</param>
    /// <param name="events">Its events.</param>
    /// <param name="definition">What the new run executes: the finished one's definition, or a newer version.</param>
    /// <param name="selection">What was asked for.</param>
    /// <param name="lost">Tasks whose results were stored in a file that is no longer there: they run again.</param>
    public static (RetryPlan? Plan, RetryRefusal? Refusal) Of(
        RunState earlier, IReadOnlyList<RecordedEvent> events, WorkflowDefinition definition, RetrySelection selection, IReadOnlySet<TaskId> lost)
    {
        if (!earlier.IsTerminal)
            return (null, new("run_open", $"Run {earlier.Id} is {Words.Of(earlier.Status)}: only a finished run can be retried.", $"Wait for its end, or end it with: orchestrator cancel {earlier.Id}"));
        var graph = new TaskGraph(definition.Tasks);
        if (Check(selection, graph, definition) is { } wrong) return (null, wrong);

        var reasons = new string?[graph.Count];
        var completed = Completed(earlier, events);
        for (var i = 0; i < graph.Count; i++) reasons[i] = ReasonToRun(earlier, graph[i], completed, lost);
        if (selection.Only is { } only)
        {
            if (Alone(graph, definition, graph.IndexOf(only), selection.Downstream, reasons) is { } others) return (null, others);
        }
        else
        {
            if (selection.From is { } from) reasons[graph.IndexOf(from)] ??= "asked for";
            do Follow(graph, reasons, Enumerable.Range(0, graph.Count).Where(i => reasons[i] is not null));
            while (NeedSecrets(graph, definition, reasons, reasons));
        }
        if (reasons.All(r => r is null))
            return (null, new("nothing_to_run", $"Every task of run {earlier.Id} completed: there is nothing to run again.", "Name a task to run again with --from TASK or --only TASK."));
        return (new()
        {
            Earlier = earlier.Id, Definition = definition,
            Steps = [.. reasons.Select((reason, i) => reason is not null ? new RetryStep(graph[i].Id, reason, null) : Keep(earlier, completed[graph[i].Id]))],
            Dropped = [.. earlier.Plan.Definition.Tasks.Select(t => t.Id).Where(id => !graph.TryIndexOf(id, out _))],
        }, null);
    }

    private static RetryRefusal? Check(RetrySelection selection, TaskGraph graph, WorkflowDefinition definition)
    {
        if (selection is { From: not null, Only: not null }) return new("bad_selection", "--from and --only exclude each other.", "--from TASK runs the task and everything after it; --only TASK runs it alone.");
        if (selection is { Downstream: true, Only: null }) return new("bad_selection", "--downstream belongs to --only TASK.", "Tasks after a task that runs again always run again.");
        if ((selection.From ?? selection.Only) is not { } named || graph.TryIndexOf(named, out _)) return null;
        if (named.TrySplit(out var whole, out _) && graph.TryIndexOf(whole, out _)) return new("unknown_task", $"'{named}' is one of the items of task '{whole}', which run together.", $"Name '{whole}'.");
        if (definition.Handlers?.All.Any(h => h.Id == named) == true) return new("unknown_task", $"'{named}' is a handler, not a task that can run again.", "Handlers run with every run.");
        return new("unknown_task", $"Workflow '{definition.Name}' has no task '{named}'.", Suggest.DidYouMean(named.ToString(), definition.Tasks.Select(t => t.Id.ToString())) is { Length: > 0 } guess ? guess : null);
    }

    private static string? ReasonToRun(RunState earlier, TaskDefinition task, Dictionary<TaskId, TaskCompleted> completed, IReadOnlySet<TaskId> lost)
    {
        if (!earlier.Plan.Graph.TryIndexOf(task.Id, out var index)) return "new";
        var state = earlier[index];
        if (state.Status != TaskStatus.Completed || !completed.ContainsKey(task.Id))
            return state.Skip is { } skip ? $"was skipped ({Words.Of(skip)})" : state.FailureAllowed ? "failed (allowed)" : state.Status == TaskStatus.Cancelled ? "was cancelled" : "failed";
        if (!TaskForm.AreEqual(earlier.Plan[index], task)) return "its definition changed";
        return lost.Contains(task.Id) ? "its results are missing" : null;
    }

    /// <summary>What depends on a task that runs has to run: its inputs may be others now.</summary>
    private static void Follow(TaskGraph graph, string?[] reasons, IEnumerable<int> roots)
    {
        var open = new Queue<int>(roots);
        while (open.TryDequeue(out var at))
            foreach (var after in graph.DependantsOf(at))
                if (reasons[after] is null)
                {
                    reasons[after] = $"comes after {graph[at].Id}";
                    open.Enqueue(after);
                }
    }

    /// <summary>Secret results are kept nowhere: what makes those that a task to run reads has to run. False when nothing was added.</summary>
    /// <param name="chosen">Why each task runs; null: it does not.</param>
    /// <param name="reasons">Receives why a task has no result to keep.</param>
    private static bool NeedSecrets(TaskGraph graph, WorkflowDefinition definition, string?[] chosen, string?[] reasons)
    {
        var any = false;
        var secrets = SecretReads.SecretsOf(definition);
        for (var i = 0; i < graph.Count; i++)
        {
            if (chosen[i] is null) continue;
            foreach (var read in SecretReads.Of(secrets, graph[i]))
                if (graph.TryIndexOf(new(read.Task), out var producer) && chosen[producer] is null && reasons[producer] is null)
                {
                    reasons[producer] = "its secret results are not kept";
                    any = true;
                }
        }
        return any;
    }

    /// <summary>One task runs, the others are kept. No run can leave a task out, so those without a result make that impossible.</summary>
    private static RetryRefusal? Alone(TaskGraph graph, WorkflowDefinition definition, int only, bool downstream, string?[] reasons)
    {
        var chosen = new string?[graph.Count];
        chosen[only] = reasons[only] ?? "asked for";
        if (downstream) Follow(graph, chosen, [only]);
        NeedSecrets(graph, definition, chosen, reasons);
        var others = Enumerable.Range(0, graph.Count).Where(i => reasons[i] is not null && chosen[i] is null).ToArray();
        if (others.Length > 0)
        {
            var behind = new string?[graph.Count];
            behind[only] = "";
            Follow(graph, behind, [only]);
            return new("not_completed",
                $"'{graph[only].Id}' cannot run {(downstream ? "with what comes after it" : "alone")}: {string.Join(", ", others.Take(10).Select(i => $"'{graph[i].Id}' ({reasons[i]})"))}{(others.Length > 10 ? " and more" : "")} {(others.Length == 1 ? "has" : "have")} no result to keep.",
                others.All(i => behind[i] is not null) ? "Add --downstream: all of them come after it." : $"Use --from {graph[only].Id}, which also runs whatever did not complete.");
        }
        chosen.CopyTo(reasons, 0);
        return null;
    }

    private static Dictionary<TaskId, TaskCompleted> Completed(RunState earlier, IReadOnlyList<RecordedEvent> events)
    {
        var completed = new Dictionary<TaskId, TaskCompleted>();
        foreach (var recorded in events)
            if (recorded.Event is TaskCompleted { Role: null } c && earlier.Plan.Graph.TryIndexOf(c.Task, out _)) completed[c.Task] = c;
        return completed;
    }

    private static RetryStep Keep(RunState earlier, TaskCompleted result)
    {
        var state = earlier.Of(result.Task);
        return new(result.Task, "kept", new(result.Task, 0)
        {
            Attempts = 0,
            ExitCode = result.ExitCode,
            ReusedFrom = result.ReusedFrom ?? earlier.Id,   // who made it, not who passed it on
            Outputs = state.Outputs.IsEmpty ? null : state.Outputs,
            SecretOutputs = result.SecretOutputs,   // a handler that reads them has them made again
            OutputsFile = result.OutputsFile,
            OutputBytes = result.OutputBytes,
        });
    }
}
