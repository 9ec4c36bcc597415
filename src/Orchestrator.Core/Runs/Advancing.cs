namespace Orchestrator.Core.Runs;

/// <summary>What follows by itself once an input is answered: tasks pass their gates, slots are filled, fan-outs close, the run pauses or ends.</summary>
internal static class Advancing
{
    public static void Advance(Turn turn)
    {
        var state = turn.State;
        if (state.Status == RunStatus.Running)
        {
            while (state.Tasks.TryPeekHeldBack(out var heldBack) && !turn.HoldsBack(state.IdOf(heldBack))) Starting.StartWithoutSlot(turn, heldBack);
            while (turn.HasSlot && state.Tasks.TryPeekReady(turn.HasRoom, out var ready)) Starting.Start(turn, ready);
            bool moved;
            do
            {
                moved = PassGates(turn);
                while (state.Tasks.TryPeekClosable(out var fanOut))
                {
                    FanningOut.Close(turn, fanOut);
                    moved = true;
                }
            }
            while (moved);
        }
        if (state is { IsTerminal: false, Created: not null } && state.Counts.AreComplete && state.Counts.Total > 0) Ending.End(turn);
        else if (state.Status == RunStatus.Running && state.Tasks.Parked.Count > 0 && state.OnlyWaits) turn.Emit(new WorkflowPaused(Waiting.Describe(state)));
    }

    /// <summary>Tasks whose gates are open start if there are slots, the smaller rank first; the others are queued. False when there was none.</summary>
    private static bool PassGates(Turn turn)
    {
        var any = false;
        List<int>? open = null;
        while (turn.State.Tasks.TryPeekUngated(out var next))
        {
            any = true;
            if (Closed(turn, next)) continue;
            if (!turn.State.Plan.HasRanks) Starting.StartOrQueue(turn, next);
            else
            {
                turn.State.Tasks.TakeUngated();
                (open ??= []).Add(next);
            }
        }
        if (open is null) return any;
        foreach (var index in open.OrderBy(i => turn.State.DefinitionOf(i).Rank))
            if (turn.State[index].Status == TaskStatus.Pending) Starting.StartOrQueue(turn, index);   // one that started before it may have failed, and ended it
        return true;
    }

    /// <summary>Tells what a closed gate means; false when the gates are open.</summary>
    public static bool Closed(Turn turn, int index)
    {
        if (Gates.Check(turn.State, index) is not { } closed) return false;
        if (closed is TaskFailed failed)
        {
            Stages.OpenIfNew(turn, turn.State.StageOf(index));   // a stage that fails has begun
            Failing.Fail(turn, index, failed);
        }
        else turn.Emit(closed);
        return true;
    }
}
