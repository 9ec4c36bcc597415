namespace Orchestrator.Core.Runs;

/// <summary>What follows by itself once an input is answered: tasks pass their gates, slots are filled, the run ends.</summary>
internal static class Settlement
{
    public static void Settle(Turn turn)
    {
        var state = turn.State;
        if (state.Status == RunStatus.Running)
        {
            while (turn.HasSlot && state.TryPeekReady(out var ready)) Start(turn, ready);
            while (state.TryPeekUngated(out var next))
            {
                if (Gates.Check(state, next) is not { } closed) StartOrQueue(turn, next);
                else if (closed is TaskFailed failed)
                {
                    Stages.OpenIfNew(turn, state.Plan.StageOf(next));   // a stage that fails has begun
                    Failing.Fail(turn, next, failed);
                }
                else turn.Emit(closed);
            }
        }
        if (state is { IsTerminal: false, Created: not null } && state.Counts.Terminal == state.Counts.Total && state.Counts.Total > 0) Ending.End(turn);
    }

    /// <summary>A task whose gates are open starts now if there is a slot and nobody waits before it.</summary>
    public static void StartOrQueue(Turn turn, int index)
    {
        if (turn.HasSlot && !turn.State.TryPeekReady(out _)) Start(turn, index);
        else turn.Emit(new TaskQueued(turn.State.IdOf(index), "waiting for a slot"));
    }

    private static void Start(Turn turn, int index)
    {
        Stages.OpenIfNew(turn, turn.State.Plan.StageOf(index));
        var task = turn.State.Plan.Graph[index];
        turn.Emit(new TaskStarted(task.Id, turn.State[index].Attempt + 1, Retries.MaxAttempts(task), task.Action.Kind));
    }
}
