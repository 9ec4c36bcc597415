namespace Orchestrator.Core.Runs;

/// <summary>Stages open with their first task and close with their last; they are labels and never a barrier.</summary>
internal static class Stages
{
    public static void OpenIfNew(Turn turn, int stage)
    {
        if (stage >= 0 && !turn.State.Tasks.StageAt(stage).Started)
            turn.Emit(new StageStarted(turn.State.Plan.Stages[stage], turn.State.Plan.StageSizes[stage]));
    }

    public static void CloseIfDone(Turn turn, int stage)
    {
        if (stage < 0) return;
        var state = turn.State.Tasks.StageAt(stage);
        if (state.Closed || !state.Counts.AreComplete) return;
        if (state.Counts.Completed > 0) OpenIfNew(turn, stage);   // its tasks were taken over from another run
        var name = turn.State.Plan.Stages[stage];
        var counts = state.Counts;
        var ms = state.Started ? turn.Now.Since(state.StartedAt) : 0;
        turn.Emit(state switch
        {
            { Counts.Failed: > 0 } => new StageFailed(name, state.FirstError ?? "", state.FirstErrorKind, ms),
            { Started: false } => new StageSkipped(name, "every task was skipped or cancelled before it started"),
            _ => new StageCompleted(name, ms, counts.Completed, counts.FailedAllowed, counts.Skipped, counts.Cancelled),
        });
    }

    /// <summary>Declared stages without a task have nothing to say and are left out of the events.</summary>
    public static IEnumerable<string> Executed(RunState state) =>
        state.Plan.Stages.Where((_, i) => state.Tasks.StageAt(i).Started);
}
