using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Engine.Running;

/// <summary>The attempts of all runs: begins them, tells them what was decided, stops them. Belongs to the loop.</summary>
internal sealed class RunAttempts(AttemptServices services, RunTimers timers, Action<LoopMessage> post)
{
    private int _leaving;

    public IRunFiles Files => services.Files;

    public Disk Disk => services.Limits.Disk;

    /// <summary>Whether attempts of runs that are not held here any more still have to end.</summary>
    public bool AnyLeaving => _leaving > 0;

    /// <summary>Whether everything in flight has been told to stop, so that it can be resumed.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>Tells each attempt that ended what was decided about it.</summary>
    public static void Answer(OpenRun run, IReadOnlyList<RecordedEvent> batch)
    {
        foreach (var recorded in batch)
        {
            if (recorded.Event is not AttemptClosed { Attempt: > 0 } closed) continue;
            var index = run.State.IndexOf(closed.Task);
            if (!run.Runners.TryGetValue(index, out var runner)) continue;
            if (closed is TaskRetrying retrying && runner.Waits(retrying.RetryAt)) continue;
            runner.End();
            run.Runners.Remove(index);
        }
    }

    /// <summary>Carries out an effect; the end of a run is not among them.</summary>
    public void CarryOut(OpenRun run, RunEffect effect)
    {
        switch (effect)
        {
            case RunEffect.StartAttempt e:
                Start(run, e);
                break;
            case RunEffect.CancelAttempt e when run.Runners.TryGetValue(run.State.IndexOf(e.Task), out var runner):
                runner.Stop(StopCause.Cancel);
                break;
            case RunEffect.CancelAttempt e:   // it never began here
                post(new LoopMessage.Deliver(run, new RunInput.AttemptFinished(e.Task, e.Attempt, new TaskOutcome.Cancelled(), 0)));
                break;
            case RunEffect.ArmRetry e when !run.Runners.ContainsKey(run.State.IndexOf(e.Task)):
                timers.Arm(run, e.At, new RunInput.RetryDue(e.Task, e.NextAttempt));
                break;
            case RunEffect.ArmWait e:
                timers.Arm(run, e.At, new RunInput.WaitDue(e.Task, e.Attempt));
                break;
            case RunEffect.ArmSla e:
                timers.Arm(run, e.At, new RunInput.SlaDue(e.Task));
                break;
            case RunEffect.ArmRunTimeout e:
                timers.Arm(run, e.At, new RunInput.RunTimeoutDue());
                break;
        }
    }

    /// <summary>A wait was interrupted, which decides nothing: its execution here may end.</summary>
    public static void LetGo(OpenRun run, RunInput.AttemptFinished finished)
    {
        if (finished.Outcome is not TaskOutcome.Interrupted || !run.State.TryIndexOf(finished.Task, out var index) || !run.State[index].IsParked) return;
        if (run.Runners.Remove(index, out var runner)) runner.End();
    }

    /// <summary>Stops what is in flight, and whatever begins from now on, so that it can be resumed.</summary>
    public void Interrupt(IEnumerable<OpenRun> runs)
    {
        IsInterrupted = true;
        foreach (var run in runs)
            foreach (var runner in run.Runners.Values) runner.Stop(StopCause.Interrupt);
    }

    /// <summary>Stops a run's attempts because it is not held here any more. What they started lives until they have ended.</summary>
    public void Abandon(OpenRun run)
    {
        foreach (var runner in run.Runners.Values)
        {
            runner.Stop(StopCause.Interrupt);
            runner.End();
            _leaving++;
            _ = TellAsync(runner.Ended);
        }
        run.Runners.Clear();
    }

    /// <summary>An attempt of an abandoned run has ended.</summary>
    public void Left() => _leaving--;

    private async Task TellAsync(Task ended)
    {
        await ended.ConfigureAwait(false);
        post(new LoopMessage.AttemptLeft());
    }

    /// <summary>What an attempt of a task sees as the run is now.</summary>
    public static StartPermit Permit(OpenRun run, int index) => new(
        Scopes.For(run.State, index), run.State[index].AttemptStartedAt.Utc, run.State[index].Wait?.ChildRunId)
    {
        Seq = run.State[index].AttemptSeq,
        Ancestors = ResultVariables.Reach(run.State.DefinitionOf(index).Action) ? Scopes.AncestorOutputs(run.State, index) : [],
    };

    private void Start(OpenRun run, RunEffect.StartAttempt e)
    {
        var index = run.State.IndexOf(e.Task);
        var start = Permit(run, index) with { Renewals = Renewal.Of(run, index) };
        if (run.Runners.TryGetValue(index, out var waiting))
        {
            waiting.Grant(start);
            return;
        }
        var runner = new TaskRunner(services, run, index, e.Attempt, start, post);
        run.Runners.Add(index, runner);
        if (IsInterrupted) runner.Stop(StopCause.Interrupt);   // decided before the stop, durable after it
        runner.Start();
    }
}
