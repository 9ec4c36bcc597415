using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>Takes the snapshot of a run that a task's expressions need: only the tasks they name.</summary>
public static class Scopes
{
    private const int MaxAncestors = 4_096;
    private static readonly ImmutableDictionary<string, TaskFacts> NoTasks = ImmutableDictionary<string, TaskFacts>.Empty;

    /// <summary>The scope for the texts of the task at an index.</summary>
    public static ExpressionScope For(RunState state, int index)
    {
        var scope = For(state, state.TemplatesOf(index).References);
        if (state.ItemOf(index) is not { } item) return scope;
        var fanOut = state.Plan[state.Tasks.NodeOf(index)].FanOut!;
        return !fanOut.IsMatrix
            ? scope with { Item = item, ItemName = fanOut.As }
            : scope with { Item = item, Matrix = item.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal) };
    }

    /// <summary>The scope for expressions with the given references; secrets are added where they are resolved.</summary>
    public static ExpressionScope For(RunState state, IEnumerable<ExpressionReference> references)
    {
        var created = state.Created ?? throw new InvalidOperationException("The run has no first event.");
        Dictionary<string, TaskFacts>? tasks = null;
        foreach (var reference in references)
            if (reference.Root == "tasks" && Definitions.TaskId.IsValid(reference.Name) && state.TryIndexOf(new(reference.Name), out var index))
                (tasks ??= new(StringComparer.Ordinal))[reference.Name] = FactsOf(state[index]);
        return new()
        {
            Params = created.Params,
            Run = FactsOf(state, created),
            Tasks = tasks is null ? NoTasks : tasks,
            Schedule = created is { ScheduleId: { } id, DueAt: { } due } ? new(id, due) : null,
        };
    }

    /// <summary>
    /// The results of every task before the one at <paramref name="index"/>, nearest first. Only paths that lead to results are
    /// walked, and at most 4,096 tasks: where nothing before the task has results, this is one comparison.
    /// </summary>
    public static IReadOnlyList<AncestorResults> AncestorOutputs(RunState state, int index)
    {
        if (!state[index].ResultsAbove) return [];
        var results = new List<AncestorResults>();
        var seen = new HashSet<int>();
        var open = new Queue<int>([state.Tasks.NodeOf(index)]);
        while (open.TryDequeue(out var at))
            foreach (var need in state.Plan.Graph.DependenciesOf(at))
            {
                var task = state[need];
                if ((task.Outputs.IsEmpty && !task.ResultsAbove) || seen.Count >= MaxAncestors || !seen.Add(need)) continue;
                if (!task.Outputs.IsEmpty) results.Add(new(state.IdOf(need), task.Outputs));
                if (task.ResultsAbove) open.Enqueue(need);
            }
        return results;
    }

    private static RunFacts FactsOf(RunState state, WorkflowCreated created) =>
        new(state.Id.ToString(), created.Workflow, created.TenantId, state.StartedAt.Utc == default ? state.CreatedAt.Utc : state.StartedAt.Utc, Words.Of(created.Trigger))
        {
            Attempt = Math.Max(1, created.RunAttempt),
            TraceId = TraceIds.TraceId(state.Id, created.Trace),
            Outcome = state.Outcome is { } outcome ? Words.Of(outcome) : null,
            Error = state.Outcome is null ? null : Ending.ErrorOf(state),
            FailedTasks = state.Outcome is null ? [] : [.. state.Tasks.Failed.Select(i => state.IdOf(i).ToString())],
        };

    private static TaskFacts FactsOf(TaskState task) =>
        new(Words.Of(task.Status), (IReadOnlyDictionary<string, JsonElement>)task.Outputs, task.ExitCode, task.Attempt, task.DurationMs);
}
