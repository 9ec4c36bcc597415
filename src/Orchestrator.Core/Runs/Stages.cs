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
            { Started: true, CancelledBy: CancelReason.RunTimeout } =>
                new StageFailed(name, Ending.TimeoutOf(turn.State), FailureKind.Timeout, ms) { CancelReason = CancelReason.RunTimeout },
            { Started: true, CancelledBy: { } reason } => new StageFailed(name, CutShort(turn.State, reason), null, ms) { CancelReason = reason },
            { Started: false } => new StageSkipped(name, "every task was skipped or cancelled before it started"),
            _ => new StageCompleted(name, ms, counts.Completed, counts.FailedAllowed, counts.Skipped, counts.Cancelled),
        });
    }

    private static string CutShort(RunState state, CancelReason reason) => reason switch
    {
        CancelReason.RunCancelled => $"The run was cancelled by {state.CancelActor}.",
        CancelReason.Superseded => $"The run was superseded: {state.CancelActor}.",
        _ => "The run was ended early because it had failed elsewhere.",
    };

    /// <summary>Declared stages without a task have nothing to say and are left out of the events.</summary>
    public static IEnumerable<string> Executed(RunState state) =>
        state.Plan.Stages.Where((_, i) => state.Tasks.StageAt(i).Started);
}
