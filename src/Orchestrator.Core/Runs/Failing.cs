using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>Failures: another attempt, or the end of the task and, where the workflow fails fast, of what has not started.</summary>
internal static class Failing
{
    public static void AfterAttempt(Turn turn, int index, TaskOutcome.Failed failed, AttemptEnd end)
    {
        var state = turn.State;
        var (definition, task) = (state.DefinitionOf(index), state[index]);
        var (delay, refused) = Retries.After(state.Id, definition, task, failed, IsEnding(state, index));
        if (delay is { } wait) turn.Emit(end.Retrying(definition.Id, task, failed, wait));
        else Fail(turn, index, end.Failed(definition, task, failed, IsAllowed(state, index)) with { RetryRefused = refused });
    }

    public static void Fail(Turn turn, int index, TaskFailed failed)
    {
        var state = turn.State;
        var first = state.Tasks.RootFailures == 0;
        turn.Emit(failed);
        if (state.Plan.IsHandler(index)) return;
        if (state[index].Parent >= 0)
        {
            if (state.Plan[state.Tasks.NodeOf(index)].FanOut!.OnFailure == ItemFailure.Stop) FanningOut.StopOthers(turn, index);
        }
        else if (!failed.Allowed && first && state.Plan.Definition.FailFast) EndWhatNeedsSuccess(turn, index);
    }

    /// <summary>Whether a failure counts as success for the run: the task may fail, or it is one of many and its fan-out allows for it.</summary>
    public static bool IsAllowed(RunState state, int index) =>
        state.DefinitionOf(index).AllowFailure || state[index].Parent >= 0 && state.Plan[state.Tasks.NodeOf(index)].FanOut!.OnFailure == ItemFailure.Ignore;

    /// <summary>Whether a failed attempt is the last because the run, or its part of it, is ending. A handler is not concerned by what ended the run.</summary>
    public static bool IsEnding(RunState state, int index)
    {
        if (state[index].Stopping is not null) return true;
        if (state.Plan.IsHandler(index)) return state.HandlersStopped;
        if (state.IsFailingFast || state.CancelRequested is not null) return true;
        return state[index].Parent is >= 0 and var parent && state[parent].FanOut!.Failed > 0 && state.Plan[parent].FanOut!.OnFailure == ItemFailure.Stop;
    }

    /// <summary>
    /// The one look at all tasks in a run's life. Tasks after the failure are skipped, others cancelled; waits end; what runs goes on
    /// (drain) or is stopped (cancel); all_done and one_failed tasks still have their turn.
    /// </summary>
    private static void EndWhatNeedsSuccess(Turn turn, int failed)
    {
        var state = turn.State;
        var behind = Behind(state.Plan.Graph, failed);
        if (state.Plan.Definition.OnFailFast == OnFailFast.Cancel && state.RunningTasks.Count + state.ParkedTasks.Count > 0 && state.CancelRequested is null)
            turn.Emit(new WorkflowCancelRequested(CancelReason.FailFast, "orchestrator"));
        for (var i = 0; i < state.TaskCount; i++)
        {
            if (state.Plan.IsHandler(i)) continue;
            var task = state[i];
            var definition = state.DefinitionOf(i);
            if (task.Status == TaskStatus.Retrying)
                turn.Emit(new AttemptEnd(turn.Now, 0, null, null).Cancelled(definition.Id, task, CancelReason.FailFast));
            else if (task.Wait is { Pauses: true, HasRunner: false })
                Waiting.Cancel(turn, i, CancelReason.FailFast);
            else if (task.Status == TaskStatus.Pending && (task.Parent >= 0 || definition.RunWhen is not (RunWhen.AllDone or RunWhen.OneFailed)))
                turn.Emit(task.Parent < 0 && behind[i]
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
