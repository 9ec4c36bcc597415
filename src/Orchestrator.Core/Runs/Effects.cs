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
            if (recorded.Seq == state.FinallySeq && recorded.Event is TaskEvent && !state.IsTerminal) AddTimeout(effects, state);
            switch (recorded.Event)
            {
                case WorkflowStarted when !state.IsTerminal:
                    if (state.Outcome is null || state.Handlers.Count > 0) AddTimeout(effects, state);
                    if (state.Outcome is null) AddSla(effects, state, null);
                    break;
                case TaskStarted e when state.Of(e.Task) is { IsTerminal: false } task:
                    if (task is { Status: TaskStatus.Running, Wait: null or { HasRunner: true } } && task.Attempt == e.Attempt) effects.Add(new RunEffect.StartAttempt(e.Task, e.Attempt));
                    if (e.Attempt == 1) AddSla(effects, state, state.IndexOf(e.Task));
                    break;
                case TaskWaiting or CheckpointPending:
                    AddWait(effects, state, ((TaskEvent)recorded.Event).Task, ((TaskEvent)recorded.Event).Attempt);
                    break;
                case SlaAtRisk { Subject: { } id }:
                    if (!state.Of(id).IsTerminal) AddSla(effects, state, state.IndexOf(id));
                    break;
                case SlaAtRisk when state.IsUnderWay && state.Outcome is null:
                    AddSla(effects, state, null);
                    break;
                case TaskRetrying e when state.Of(e.Task) is { Status: TaskStatus.Retrying, IsQueued: false }:
                    effects.Add(new RunEffect.ArmRetry(e.Task, e.NextAttempt, e.RetryAt));
                    break;
                case WorkflowCancelRequested:
                    effects.AddRange(Stops(state));
                    break;
                case WorkflowFinalizing when !state.IsTerminal && state.Handlers.Count > 0:
                    AddTimeout(effects, state);
                    break;
                case WorkflowRetrying e when !state.IsTerminal:
                    effects.Add(new RunEffect.SubmitRetry(e.NextRunId, e.NextAttempt, e.NotBefore));
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
        if (!state.IsUnderWay) return effects;
        if (state.Outcome is null || state.Handlers.Count > 0) AddTimeout(effects, state);
        if (state.Outcome is null) AddSla(effects, state, null);
        foreach (var i in state.RunningTasks)
        {
            effects.Add(new RunEffect.StartAttempt(state.IdOf(i), state[i].Attempt));
            AddSla(effects, state, i);
        }
        foreach (var i in state.ParkedTasks)
        {
            if (state[i].Wait!.HasRunner) effects.Add(new RunEffect.StartAttempt(state.IdOf(i), state[i].Attempt));
            AddWait(effects, state, state.IdOf(i), state[i].Attempt);
            AddSla(effects, state, i);
        }
        effects.AddRange(Stops(state));
        foreach (var i in state.WaitingRetries)
        {
            effects.Add(new RunEffect.ArmRetry(state.IdOf(i), state[i].Attempt + 1, state[i].RetryAt));
            AddSla(effects, state, i);
        }
        foreach (var i in state.Tasks.QueuedRetries) AddSla(effects, state, i);
        if (state.NextRun is { } next) effects.Add(new RunEffect.SubmitRetry(next.NextRunId, next.NextAttempt, next.NotBefore));
        return effects;
    }

    private static void AddTimeout(List<RunEffect> effects, RunState state)
    {
        if (state.TimeoutAt is { } at) effects.Add(new RunEffect.ArmRunTimeout(at));
    }

    private static void AddWait(List<RunEffect> effects, RunState state, Definitions.TaskId task, int attempt)
    {
        if (state.Of(task) is { Wait: { Until: { } until } wait } && wait.Attempt == attempt) effects.Add(new RunEffect.ArmWait(task, attempt, until));
    }

    private static void AddSla(List<RunEffect> effects, RunState state, int? index)
    {
        if (Sla.Next(state, index) is { } next) effects.Add(new RunEffect.ArmSla(index is { } i ? state.IdOf(i) : null, next.At));
    }

    private static IEnumerable<RunEffect> Stops(RunState state) =>
        from i in state.RunningTasks.Concat(state.ParkedTasks)
        where state[i] is { Stopping: not null, Wait: null or { HasRunner: true } }
        select new RunEffect.CancelAttempt(state.IdOf(i), state[i].Attempt);
}
