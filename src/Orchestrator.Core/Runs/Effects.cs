namespace Orchestrator.Core.Runs;

/// <summary>
/// What follows from events. <see cref="After"/> is incremental and used live; <see cref="From"/> says the same from
/// state alone and is used after a crash. That the two agree is a property test.
/// </summary>
public static class Effects
{
    /// <summary>The effects of events just folded onto <paramref name="state"/>, in order.</summary>
    public static List<RunEffect> After(RunState state, IReadOnlyList<RecordedEvent> events)
    {
        var effects = new List<RunEffect>(events.Count);
        foreach (var recorded in events)
        {
            switch (recorded.Event)
            {
                case WorkflowStarted when state.TimeoutAt is { } at && !state.IsTerminal:
                    effects.Add(new RunEffect.ArmRunTimeout(at));
                    break;
                case TaskStarted e when state.Of(e.Task) is { Status: TaskStatus.Running } task && task.Attempt == e.Attempt:
                    effects.Add(new RunEffect.StartAttempt(e.Task, e.Attempt));
                    break;
                case TaskRetrying e when state.Of(e.Task) is { Status: TaskStatus.Retrying, IsQueued: false }:
                    effects.Add(new RunEffect.ArmRetry(e.Task, e.NextAttempt, e.RetryAt));
                    break;
                case WorkflowCancelRequested:
                    effects.AddRange(Stops(state));
                    break;
                case WorkflowEnded e:
                    effects.Add(new RunEffect.Finish(e));
                    break;
            }
        }
        return effects;
    }

    /// <summary>All outstanding effects of a state.</summary>
    public static List<RunEffect> From(RunState state)
    {
        var effects = new List<RunEffect>();
        if (state.End is { } end)
        {
            effects.Add(new RunEffect.Finish(end));
            return effects;
        }
        if (state.Status == RunStatus.Running && state.TimeoutAt is { } at) effects.Add(new RunEffect.ArmRunTimeout(at));
        foreach (var i in state.RunningTasks)
            effects.Add(new RunEffect.StartAttempt(state.IdOf(i), state[i].Attempt));
        effects.AddRange(Stops(state));
        foreach (var i in state.WaitingRetries)
            effects.Add(new RunEffect.ArmRetry(state.IdOf(i), state[i].Attempt + 1, state[i].RetryAt));
        return effects;
    }

    private static IEnumerable<RunEffect> Stops(RunState state) =>
        from i in state.RunningTasks
        where state[i].Stopping is not null
        select new RunEffect.CancelAttempt(state.IdOf(i), state[i].Attempt);
}
