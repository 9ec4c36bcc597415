using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>Tasks that wait without a slot: for time, an event, a check, people, or another run.</summary>
internal static class Waiting
{
    /// <summary>The task starts and waits.</summary>
    public static void Begin(Turn turn, int index)
    {
        var state = turn.State;
        Starting.Start(turn, index);
        var (task, attempt) = (state.DefinitionOf(index), state[index].Attempt);
        try
        {
            if (task.Action is WorkflowAction) turn.Emit(new TaskWaiting(task.Id, attempt, WaitKind.Workflow) { ChildRunId = RunId.ForChild(state.Id, task.Id, attempt, turn.Now.Utc) });
            else if (task.Action is WaitAction { Poll: not null }) turn.Emit(new TaskWaiting(task.Id, attempt, WaitKind.Poll));
            else Decided(turn, index, task, state.TemplatesOf(index).RenderAction(Scopes.For(state, index)));
        }
        catch (ExpressionException e)
        {
            Failing.Fail(turn, index, EndOf(turn, index).Failed(task, state[index], new(FailureKind.ConditionError, $"The task's text cannot be rendered: {e.Message}", Retryable: false)));
        }
    }

    private static void Decided(Turn turn, int index, TaskDefinition task, TaskInvocation texts)
    {
        var attempt = turn.State[index].Attempt;
        DateTimeOffset? limit = task.Timeout is { } timeout ? turn.Now.Utc.Later(timeout) : null;
        switch (task.Action)
        {
            case WaitAction { Event: { } name }:
                turn.Emit(new TaskWaiting(task.Id, attempt, WaitKind.Event) { Until = limit, EventName = name });
                return;
            case ApprovalAction approval:
                turn.Emit(new CheckpointPending(task.Id, attempt)
                {
                    Prompt = texts.Prompt ?? "", RequiredRole = approval.Role, Required = approval.Required, Approvers = approval.Approvers,
                    ExpiresAt = Earlier(turn.Now.Utc.Later(approval.Expires), limit),
                });
                return;
        }
        var until = Until(texts, turn.Now.Utc);
        if (until > turn.Now.Utc) turn.Emit(new TaskWaiting(task.Id, attempt, WaitKind.Time) { Until = Earlier(until, limit) });
        else turn.Emit(EndOf(turn, index).Completed(task.Id, turn.State[index], new()));
    }

    /// <summary>A wait has lasted until its instant: over if it was for time, too long if it was not.</summary>
    public static void Due(Turn turn, RunInput.WaitDue due)
    {
        // Its timer has looked at the clock and fires once: a clock that was set back since then must not make the wait one without an end.
        if (!Finds(turn, due.Task, due.Attempt, out var index, out var wait) || wait.Until is not { } until) return;
        Resume(turn, $"the wait of task '{due.Task}' is over");
        var (task, definition) = (turn.State[index], turn.State.DefinitionOf(index));
        var tooLong = definition.Timeout is { } limit && task.AttemptStartedAt.Utc.Later(limit) <= until;
        if (wait.Kind == WaitKind.Time && !tooLong) turn.Emit(EndOf(turn, index).Completed(due.Task, task, new()));
        else if (wait.Kind == WaitKind.Approval)
        {
            turn.Emit(new CheckpointExpired(due.Task, due.Attempt));
            Failing.Fail(turn, index, EndOf(turn, index).Failed(definition, task, new(FailureKind.Expired, $"Nobody answered until {until:yyyy-MM-dd HH:mm:ss} UTC.", Retryable: false)));
        }
        else
            Failing.AfterAttempt(turn, index, new(FailureKind.Timeout, string.Create(CultureInfo.InvariantCulture,
                $"The wait took longer than its timeout of {DurationText.Format(definition.Timeout ?? TimeSpan.Zero)}.")), EndOf(turn, index));
    }

    /// <summary>An event from outside: every task that waits for it continues with its data. False when no task waits.</summary>
    public static bool Signal(Turn turn, RunInput.Signal signal)
    {
        var any = false;
        foreach (var index in turn.State.Tasks.Parked.ToArray())
        {
            if (turn.State[index].Wait is not { Kind: WaitKind.Event } wait || wait.EventName != signal.Event) continue;
            Resume(turn, $"event '{signal.Event}' has come");
            turn.Emit(EndOf(turn, index).Completed(turn.State.IdOf(index), turn.State[index], new() { Outputs = signal.Data }));
            any = true;
        }
        return any;
    }

    /// <summary>A user approves.</summary>
    public static void Approve(Turn turn, RunInput.Approve answer)
    {
        if (!Asks(turn, answer.Task, answer.By, out var index, out var wait) || wait.ApprovedBy.Contains(answer.By)) return;
        var question = wait.Question!;
        turn.Emit(new CheckpointApproved(answer.Task, wait.Attempt, answer.By)
        {
            Comment = answer.Comment, Values = answer.Values, Count = wait.ApprovedBy.Length + 1, Required = question.Required,
        });
        if (wait.ApprovedBy.Length < question.Required) return;
        Resume(turn, $"task '{answer.Task}' was approved");
        var outputs = wait.Answers.SetItem("approved_by", JsonText.Parse(JsonText.Bytes(json =>
        {
            json.WriteStartArray();
            foreach (var who in wait.ApprovedBy) json.WriteStringValue(who);
            json.WriteEndArray();
        })));
        if (answer.Comment is { } comment) outputs = outputs.SetItem("comment", JsonSerializer.SerializeToElement(comment, TextJson.Default.String));
        turn.Emit(EndOf(turn, index).Completed(answer.Task, turn.State[index], new() { Outputs = outputs }));
    }

    /// <summary>A user rejects: one is enough.</summary>
    public static void Reject(Turn turn, RunInput.Reject answer)
    {
        if (!Asks(turn, answer.Task, answer.By, out var index, out var wait)) return;
        turn.Emit(new CheckpointRejected(answer.Task, wait.Attempt, answer.By) { Comment = answer.Comment });
        Resume(turn, $"task '{answer.Task}' was rejected");
        var words = answer.Comment is { } comment ? $"Rejected by {answer.By}: {comment}" : $"Rejected by {answer.By}.";
        Failing.Fail(turn, index, EndOf(turn, index).Failed(turn.State.DefinitionOf(index), turn.State[index], new(FailureKind.Rejected, words, Retryable: false)));
    }

    /// <summary>Something comes of a wait: a paused run goes on.</summary>
    public static void Resume(Turn turn, string reason)
    {
        if (turn.State.Status == RunStatus.Paused) turn.Emit(new WorkflowResumed(reason));
    }

    /// <summary>Ends a wait without an executor, because the run or this task must not continue.</summary>
    public static void Cancel(Turn turn, int index, CancelReason reason) => turn.Emit(EndOf(turn, index).Cancelled(turn.State.IdOf(index), turn.State[index], reason));

    public static string Describe(RunState state)
    {
        var kinds = state.Tasks.Parked.Select(i => state[i].Wait!.Kind).Where(k => k != WaitKind.Items).Distinct().Order().Select(Words.Of);
        return $"everything left waits for {string.Join(", ", kinds)}";
    }

    /// <summary>Whether a question is open that this person may answer.</summary>
    public static bool Asks(Turn turn, TaskId task, string by, out int index, out WaitState wait)
    {
        (index, wait) = (-1, null!);
        if (!turn.State.TryIndexOf(task, out index) || turn.State[index].Wait is not { Question: { } question } found) return false;
        wait = found;
        return question.Approvers.IsEmpty || question.Approvers.Contains(by);
    }

    private static bool Finds(Turn turn, TaskId id, int attempt, out int index, out WaitState wait)
    {
        wait = null!;
        if (!turn.State.TryIndexOf(id, out index) || turn.State[index].Wait is not { } found || found.Attempt != attempt) return false;
        wait = found;
        return true;
    }

    private static AttemptEnd EndOf(Turn turn, int index)
    {
        var started = turn.State[index].AttemptStartedAt;
        return new(turn.Now, turn.Now.Since(started), null, null) { Resumed = turn.Now.IsResumedSince(started) };
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other is { } limit && limit < one ? limit : one;

    private static DateTimeOffset Until(TaskInvocation texts, DateTimeOffset now)
    {
        if (texts.WaitFor is { } duration)
            return DurationText.TryParse(duration, out var length) && length <= DateTimeOffset.MaxValue - now ? now + length
                : throw new ExpressionException($"wait.for is '{duration}', not a duration such as 90s or 1h30m.");
        if (DateTimeOffset.TryParse(texts.WaitUntil, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)) return instant;
        throw new ExpressionException($"wait.until is '{texts.WaitUntil}', not an instant such as 2026-01-01T06:00:00Z.");
    }
}
