namespace Orchestrator.Core.Runs.View;

/// <summary>What an event makes of the view of its task.</summary>
internal static class TaskFold
{
    /// <param name="step">What the event does to the task's attempts.</param>
    public static TaskView Apply(TaskView task, TaskEvent e, DateTimeOffset time, AttemptStep step)
    {
        var next = Next(task, e, time, step);
        if (e is AttemptClosed && next.Waiting is not null) next = next with { Waiting = null };
        return e.Role is { } role && next.Role is null ? next with { Role = role } : next;
    }

    private static TaskView Next(TaskView task, TaskEvent e, DateTimeOffset time, AttemptStep step) => e switch
    {
        TaskWaiting w => task with { Waiting = new(w.WaitsFor, w.Until, w.EventName), ChildRunId = w.ChildRunId ?? task.ChildRunId },
        TaskExpanded x => task with { Waiting = new(WaitKind.Items), Items = x.Items.GetArrayLength() },
        CheckpointPending c => task with { Waiting = new(WaitKind.Approval, c.ExpiresAt, null, c.Prompt, c.Required, c.Approvers, []) },
        CheckpointApproved a when task.Waiting is { } wait => task with { Waiting = wait with { ApprovedBy = wait.ApprovedBy.Add(a.By) } },
        TaskProgress p => task with { Progress = new(p.Message, p.Percent) },
        TaskStarted s => task with
        {
            Status = TaskStatus.Running, Attempts = s.Attempt, Kind = task.Kind ?? s.Executor, StartedAt = task.StartedAt ?? time,
            History = task.History.Add(new(s.Attempt, time, 0, TaskStatus.Running)),
        },
        TaskRetrying r => Close(task, r, step, TaskStatus.Failed, time, r.Error, r.ErrorType, r.ExitCode, r.DelayMs) with
        {
            Status = TaskStatus.Retrying, Error = r.Error, Reason = Words.Of(r.ErrorType), ExitCode = r.ExitCode,
        },
        TaskCompleted c => Close(task, c, step, TaskStatus.Completed, time, exitCode: c.ExitCode) with
        {
            Status = TaskStatus.Completed, EndedAt = time, Attempts = c.Attempts, DurationMs = c.DurationMs, QueueMs = c.QueueMs,
            ExitCode = c.ExitCode, Outputs = c.Outputs, OutputsFile = c.OutputsFile, ReusedFrom = c.ReusedFrom, Error = null, Reason = null,
        },
        TaskFailed f => Close(task, f, step, TaskStatus.Failed, time, f.Error, f.Kind, f.ExitCode) with
        {
            Status = TaskStatus.Failed, EndedAt = time, Attempts = f.Attempts, DurationMs = f.DurationMs, QueueMs = f.QueueMs,
            ExitCode = f.ExitCode, Outputs = f.Outputs, OutputsFile = f.OutputsFile, Error = f.Error, Reason = Words.Of(f.Kind), Allowed = f.Allowed, FailedItems = f.FailedItems,
        },
        TaskSkipped s => task with { Status = TaskStatus.Skipped, EndedAt = time, Reason = Words.Of(s.Reason), BlockedBy = s.BlockedBy },
        TaskCancelled c => Close(task, c, step, TaskStatus.Cancelled, time) with
        {
            Status = TaskStatus.Cancelled, EndedAt = time, Attempts = c.Attempts, DurationMs = c.DurationMs, ExitCode = c.Process?.ExitCode ?? task.ExitCode, Outputs = c.Outputs, OutputsFile = c.OutputsFile, Reason = Words.Of(c.Reason), Error = null,
        },
        _ => task,
    };

    private static TaskView Close(
        TaskView task, AttemptClosed closed, AttemptStep step, TaskStatus outcome, DateTimeOffset time,
        string? error = null, FailureKind? kind = null, int? exitCode = null, double? retryDelay = null)
    {
        if (!step.Ends) return task;
        var known = task.History.Length > 0 && task.History[^1].Number == closed.Attempt;
        var start = known ? task.History[^1].StartedAt : time.AddMilliseconds(-closed.AttemptDurationMs);
        var attempt = new AttemptView(
            closed.Attempt, start, closed.AttemptDurationMs, outcome, error, kind, exitCode ?? closed.Process?.ExitCode, closed.LogRef, retryDelay,
            closed.Process?.Usage, closed.Process?.Executable);
        return task with
        {
            StartedAt = task.StartedAt ?? start,
            Usage = ProcessUsage.Sum(task.Usage, closed.Process?.Usage),
            History = known ? task.History.SetItem(task.History.Length - 1, attempt) : task.History.Add(attempt),
        };
    }
}
