using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>Failures: another attempt, or the end of the task and, where the workflow fails fast, of what has not started.</summary>
internal static class Failing
{
    public static void AfterAttempt(Turn turn, int index, TaskOutcome.Failed failed, Closing closing)
    {
        var definition = turn.State.Plan.Graph[index];
        var task = turn.State[index];
        var ending = task.Stopping is not null || turn.State.IsFailingFast || turn.State.CancelRequested is not null;
        if (!ending && Retries.After(turn.State.Id, definition, task, failed) is { } delay)
            turn.Emit(closing.Retrying(definition.Id, task, failed, delay));
        else
            Fail(turn, index, closing.Failed(definition, task, failed));
    }

    public static void Fail(Turn turn, int index, TaskFailed failed)
    {
        var first = turn.State.Counts.Failed == 0;
        turn.Emit(failed);
        if (!failed.Allowed && first && turn.State.Plan.Definition.FailFast) EndWhatNeedsSuccess(turn, index);
    }

    /// <summary>
    /// The one look at all tasks in a run's life. Tasks behind the failure are skipped, others cancelled; a wait for a retry ends;
    /// what runs goes on (drain) or is stopped (cancel); all_done and one_failed tasks still have their turn.
    /// </summary>
    private static void EndWhatNeedsSuccess(Turn turn, int failed)
    {
        var state = turn.State;
        var behind = Behind(state.Plan.Graph, failed);
        if (state.Plan.Definition.OnFailFast == OnFailFast.Cancel && state is { RunningTasks.Count: > 0, CancelRequested: null })
            turn.Emit(new WorkflowCancelRequested(CancelReason.FailFast, "orchestrator"));
        for (var i = 0; i < state.Plan.Graph.Count; i++)
        {
            var task = state[i];
            var definition = state.Plan.Graph[i];
            if (task.Status == TaskStatus.Retrying)
                turn.Emit(new Closing(turn.Now, 0, null, null).Cancelled(definition.Id, task, CancelReason.FailFast));
            else if (task.Status == TaskStatus.Pending && definition.RunWhen is not (RunWhen.AllDone or RunWhen.OneFailed))
                turn.Emit(behind[i]
                    ? new TaskSkipped(definition.Id, SkipReason.DependencyFailed) { BlockedBy = Gates.Blockers(state, i) }
                    : new TaskCancelled(definition.Id, 0, CancelReason.FailFast));
        }
    }

    private static bool[] Behind(TaskGraph graph, int from)
    {
        var seen = new bool[graph.Count];
        var open = new Stack<int>([from]);
        while (open.TryPop(out var at))
            foreach (var next in graph.DependantsOf(at))
                if (!seen[next])
                {
                    seen[next] = true;
                    open.Push(next);
                }
        return seen;
    }
}
