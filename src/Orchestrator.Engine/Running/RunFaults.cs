using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>
/// Faults of the program's own: a decision that throws, or events that no journal can take. Such a fault costs one input, not the run: the state is read from
/// the journal again, and what reached the run is decided on once more without the input that was the cause. Where that cannot be left out, the run
/// ends as failed by panic. Belongs to the loop.
/// </summary>
internal sealed class RunFaults(Action<LoopMessage> post, Action<OpenRun, Exception> drop, ILogger log)
{
    private const int MaxAborts = 3;

    /// <summary>Reads a run's state from the journal.</summary>
    public Func<OpenRun, Task<RunState>>? ReadState { get; set; }

    /// <summary>A turn failed, after which nothing of it counts.</summary>
    /// <param name="run">The run.</param>
    /// <param name="culprit">The input that was the cause; null: any of those in hand, which are then taken one at a time.</param>
    /// <param name="error">What was thrown.</param>
    public void Rewind(OpenRun run, RunInput? culprit, Exception error)
    {
        if (culprit is null && run.Deciding is [var only]) culprit = only;
        if (run.DurableVersion == 0)
        {
            log.TurnFailed(error, run.Id);
            drop(run, new RunFaultException(run.Id, error));
            return;
        }
        run.IsSuspect = true;
        var inputs = run.Deciding.ToList();
        if (culprit is not null && !LeaveOut(run, culprit, inputs, error))
        {
            log.TurnFailed(error, run.Id);
            drop(run, new RunInterruptedException(run.Id, "a decision failed; see the log", error));
            return;
        }
        run.Rewind(inputs);
        _ = ReadAsync(run);
    }

    /// <summary>The state has been read; null, with the reason logged and the run dropped, where it cannot be.</summary>
    public RunState? Read(LoopMessage.Rewound m)
    {
        if (m.State is { } state && state.Version == m.Run.DurableVersion) return state;
        var why = m.Error ?? new InvalidOperationException($"The journal has event {m.State?.Version}, not {m.Run.DurableVersion}.");
        log.TurnFailed(why, m.Run.Id);
        drop(m.Run, new RunInterruptedException(m.Run.Id, "its state could not be read again; see the log", why));
        return null;
    }

    /// <summary>Why a run was not accepted, for its submitter.</summary>
    public static Exception NotAccepted(OpenRun run, Exception error) => error switch
    {
        JournalUnavailableException => error,
        JournalConflictException => new JournalUnavailableException(error.Message, error),   // this process may not write any more
        _ => new RunFaultException(run.Id, error),
    };

    /// <summary>What takes the place of an input that cannot be taken; null: the run can do without.</summary>
    public static RunInput? InsteadOf(RunInput culprit, Exception error) => culprit switch
    {
        RunInput.Approve or RunInput.Reject or RunInput.Signal or RunInput.Progress or RunInput.SlaDue => null,
        RunInput.AttemptFinished { Outcome: not TaskOutcome.Failed { Kind: FailureKind.Panic } } finished => finished with
        {
            Outcome = new TaskOutcome.Failed(FailureKind.Panic, $"The result of the attempt could not be recorded: an internal error ({error.GetType().Name}).", Retryable: false)
            {
                LogRef = finished.Outcome.LogRef,
            },
        },
        _ => Ended(error),
    };

    /// <summary>An effect could not be executed: its waiter learns that it never comes.</summary>
    /// <param name="effect">The effect; null: it is not known which.</param>
    public void NotCarriedOut(OpenRun run, RunEffect? effect, Exception error)
    {
        log.EffectFailed(error, run.Id, effect?.GetType().Name ?? "what was decided");
        post(new LoopMessage.Deliver(run, effect is RunEffect.StartAttempt start
            ? new RunInput.AttemptFinished(start.Task, start.Attempt, new TaskOutcome.Failed(FailureKind.Panic, $"The attempt could not begin: an internal error ({error.GetType().Name}).", Retryable: false), 0)
            : Ended(error)));
    }

    /// <summary>A message could not be handled: the waiter for its result learns of it.</summary>
    public void Answer(LoopMessage message, Exception error)
    {
        switch (message)
        {
            case LoopMessage.Submit m when m.Run.DurableVersion == 0:
                drop(m.Run, new RunFaultException(m.Run.Id, error));
                break;
            case LoopMessage.DeliverById m:
                m.Answer.TrySetException(error);
                break;
            case LoopMessage.Ask m:
                m.Answer.TrySetException(error);
                break;
            case LoopMessage.Watch m:
                m.Answer.TrySetException(error);
                break;
            case LoopMessage.Committed m:
                drop(m.Run, new RunInterruptedException(m.Run.Id, "a decision could not be executed; see the log", error));
                break;
            case LoopMessage.Rewound m:
                drop(m.Run, new RunInterruptedException(m.Run.Id, "its state could not be read again; see the log", error));
                break;
        }
    }

    private static RunInput.Abort Ended(Exception error) => new($"An internal error ({error.GetType().Name}) ended the run. The log of the worker says more.");

    // False when the run cannot even be ended.
    private bool LeaveOut(OpenRun run, RunInput culprit, List<RunInput> inputs, Exception error)
    {
        log.InputRefused(error, run.Id, culprit.GetType().Name);
        run.Refuse(culprit, new(Answers.InternalError, $"This could not be recorded: an internal error ({error.GetType().Name}). The log of the worker says more."));
        var instead = InsteadOf(culprit, error);
        if (instead is RunInput.Abort && ++run.Aborts > MaxAborts) return false;
        var at = inputs.FindIndex(i => ReferenceEquals(i, culprit));
        if (at >= 0) inputs.RemoveAt(at);
        if (instead is not null) inputs.Insert(Math.Max(0, at), instead);
        return true;
    }

    private async Task ReadAsync(OpenRun run)
    {
        RunState? state = null;
        Exception? error = null;
        try { state = await ReadState!(run).ConfigureAwait(false); }
        catch (Exception e) { error = e; }
        post(new LoopMessage.Rewound(run, state, error));
    }
}
