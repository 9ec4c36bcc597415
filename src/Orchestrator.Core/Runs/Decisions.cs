using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>Answers inputs with events. Pure but for the state it folds them onto; inputs that come too late are answered with nothing.</summary>
internal static class Decisions
{
    public static void Decide(Turn turn, RunInput input)
    {
        if (turn.State.IsTerminal) return;
        switch (input)
        {
            case RunInput.Create create:
                turn.Emit(create.Facts);
                foreach (var reused in create.Reused ?? []) turn.Emit(reused);
                turn.Emit(new WorkflowQueued("accepted", "default", 0, create.QueuePosition));
                break;
            case RunInput.Admit admit when turn.State.Status == RunStatus.Queued:
                Admit(turn, admit);
                break;
            case RunInput.AttemptFinished finished:
                AttemptFinished(turn, finished);
                break;
            case RunInput.RetryDue due when !turn.IsDraining:   // whoever takes the run over waits for it again
                RetryDue(turn, due);
                break;
            case RunInput.WaitDue due:
                Waiting.Due(turn, due);
                break;
            case RunInput.Approve answer:
                Waiting.Approve(turn, answer);
                break;
            case RunInput.Reject answer:
                Waiting.Reject(turn, answer);
                break;
            case RunInput.Signal signal:
                Waiting.Signal(turn, signal);
                break;
            case RunInput.Progress p when IsUnderWay(turn.State, p.Task, p.Attempt):
                turn.Emit(new TaskProgress(p.Task, p.Attempt, p.Message, p.Percent));
                break;
            case RunInput.Renew r when IsUnderWay(turn.State, r.Task, r.Attempt) && turn.State.TryIndexOf(r.Producer, out var producer):
                turn.Emit(new TaskRenewing(r.Task, r.Attempt, r.Producer, r.Number) { SecretOutputs = turn.State[producer].SecretOutputs });
                break;
            case RunInput.Renewed r when IsUnderWay(turn.State, r.Task, r.Attempt):
                turn.Emit(new TaskRenewed(r.Task, r.Attempt, r.Producer, r.Number) { DurationMs = r.DurationMs, LogRef = r.LogRef });
                break;
            case RunInput.SlaDue due:
                Sla.Due(turn, due);
                break;
            case RunInput.RetryAccepted accepted when turn.State.NextRun is not null:
                Ending.Finish(turn, accepted.Refusal);
                break;
            case RunInput.RunTimeoutDue when turn.State is { IsUnderWay: true, Outcome: null, CancelRequested: null or CancelReason.FailFast }:
                Ending.Stop(turn, CancelReason.RunTimeout, "orchestrator");
                break;
            case RunInput.RunTimeoutDue when turn.State is { Outcome: not null, HandlersStopped: false, TimeoutAt: { } at } && at <= turn.Now.Utc:
                Ending.Stop(turn, CancelReason.RunTimeout, "orchestrator");
                break;
            case RunInput.Cancel cancel when turn.State is { Outcome: null, CancelRequested: null or CancelReason.FailFast } or { Outcome: not null, HandlersStopped: false, Handlers.Count: > 0 }:
                Ending.Stop(turn, cancel.Reason, cancel.Actor, comment: cancel.Comment);
                break;
            case RunInput.Abort abort when turn.State.Created is not null:
                Ending.Stop(turn, CancelReason.FailFast, "orchestrator", abort.Error);
                break;
            case RunInput.EventsLost lost:
                for (var first = turn.State.Version + 1; turn.State.Version < lost.UpTo;) turn.Emit(new WorkflowEventsLost(first, lost.UpTo));
                break;
            case RunInput.Recover recover when turn.State.IsUnderWay:
                Recover(turn, recover);
                break;
        }
    }

    private static bool IsUnderWay(RunState state, TaskId task, int attempt) =>
        state.TryIndexOf(task, out var index) && state[index] is { Status: TaskStatus.Running } running && running.Attempt == attempt;

    private static void Admit(Turn turn, RunInput.Admit admit)
    {
        var plan = turn.State.Plan;
        turn.Emit(new WorkflowStarted
        {
            TotalTasks = plan.Graph.Count,
            Stages = plan.Stages,
            QueueWaitMs = turn.Now.Since(turn.State.CreatedAt),
            InstanceId = admit.InstanceId,
            Worker = admit.Worker,
        });
        if (turn.State.Counts.Completed == 0) return;
        for (var stage = 0; stage < plan.Stages.Length; stage++)
            if (plan.StageSizes[stage] > 0) Stages.CloseIfDone(turn, stage);
    }

    private static void AttemptFinished(Turn turn, RunInput.AttemptFinished finished)
    {
        if (!turn.State.TryIndexOf(finished.Task, out var index)) return;
        var task = turn.State[index];
        if (task.Status != TaskStatus.Running || task.Attempt != finished.Attempt) return;   // closed already, by a recovery or an abandoned attempt
        if (task.IsParked && finished.Outcome is TaskOutcome.Interrupted) return;   // it keeps waiting; the process that takes the run over executes it again
        if (task.IsParked) Waiting.Resume(turn, $"the wait of task '{finished.Task}' is over");
        var end = new AttemptEnd(turn.Now, finished.DurationMs, finished.Outcome.Process, finished.Outcome.LogRef);
        switch (finished.Outcome)
        {
            case TaskOutcome.Succeeded done:
                turn.Emit(end.Completed(finished.Task, task, done));
                break;
            case TaskOutcome.Failed failed:
                Failing.AfterAttempt(turn, index, failed, end);
                break;
            case TaskOutcome.Cancelled cancelled when task.Stopping is { } reason:
                turn.Emit(end.Cancelled(finished.Task, task, reason, cancelled));
                break;
            case TaskOutcome.Cancelled:
                Failing.AfterAttempt(turn, index, new(FailureKind.Error, "The attempt stopped without being asked to."), end);
                break;
            case TaskOutcome.Interrupted:
                Lose(turn, index, "the worker was stopped", end with { Loss = LossCause.WorkerStopped });
                break;
        }
    }

    private static void RetryDue(Turn turn, RunInput.RetryDue due)
    {
        if (turn.State.TryIndexOf(due.Task, out var index) && turn.State[index] is { Status: TaskStatus.Retrying, IsQueued: false } task && task.Attempt + 1 == due.Attempt)
            Starting.StartOrQueue(turn, index);
    }

    private static void Recover(Turn turn, RunInput.Recover recover)
    {
        turn.Emit(new WorkflowRecovered(recover.Reason, turn.State.OwnerEpoch + 1, recover.InstanceId) { Worker = recover.Worker });
        foreach (var index in turn.State.RunningTasks.ToArray())
        {
            var task = turn.State[index];
            var end = new AttemptEnd(turn.Now, turn.Now.Since(task.AttemptStartedAt), null, null) { Resumed = true, Loss = LossCause.WorkerGone };
            if (task.Stopping is { } reason) turn.Emit(end.Cancelled(turn.State.IdOf(index), task, reason));
            else if (task.Status == TaskStatus.Running) Lose(turn, index, recover.Reason, end);
        }
    }

    private static void Lose(Turn turn, int index, string why, AttemptEnd end)
    {
        var definition = turn.State.DefinitionOf(index);
        var task = turn.State[index];
        var error = $"Attempt {task.Attempt} was lost: {why}.";
        if (task.Stopping is { } reason)
            turn.Emit(end.Cancelled(definition.Id, task, reason));
        else if (Retries.AfterLoss(turn.State.Plan.Definition, definition, task, Failing.IsEnding(turn.State, index)) is { } refused)
            Failing.Fail(turn, index, end.Failed(definition, task, new(FailureKind.WorkerLost, definition.Idempotent ? error : error + " It is not idempotent, so it is not repeated."),
                Failing.IsAllowed(turn.State, index)) with { RetryRefused = refused });
        else
            turn.Emit(end.Retrying(definition.Id, task, new(FailureKind.WorkerLost, error), TimeSpan.Zero));
    }
}
