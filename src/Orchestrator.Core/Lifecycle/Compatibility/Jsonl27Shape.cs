using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>
/// The task log of a DAG runner (<c>dag_start</c> to <c>dag_done</c>), and for runs that a schedule started the state log of its scheduler beside it. A
/// failed run has its <c>dag_done</c> too. A task's start is written once; handlers, skips and cancels have no line.
/// </summary>
internal sealed class Jsonl27Shape : IEventShape
{
    private WorkflowCreated? _created;
    private WorkflowRetrying? _next;

    public void Write(LifecycleEnvelope e, StreamId stream, ShapeLines? output)
    {
        if (e.Data is WorkflowCreated created) _created = created;
        if (e.Data is WorkflowRetrying retrying) _next = retrying;
        if (output is null || e.Data is TaskEvent { Role: not null }) return;
        switch (e.Data)
        {
            case ScheduleStarts fired:
                Line(output, e, "schedule_enqueued", json =>
                {
                    json.WriteString("schedule_id", fired.ScheduleId);
                    json.WriteString("job_id", fired.RunId.Value);
                    json.WriteString("dag_path", fired.Workflow);
                    json.WriteString("tenant", e.TenantId);
                    json.WriteString("minute", fired.DueAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
                });
                break;
            case WorkflowStarted started:
                if (IsScheduled) State(output, e, "run_started", json => json.WriteString("run_id", e.RunId?.ToString()));
                Dag(output, e, "dag_start", json =>
                {
                    json.WriteString("tenant", e.TenantId);
                    json.WriteNumber("task_count", started.TotalTasks);
                });
                break;
            case WorkflowEnded ended: Ended(output, e, ended); break;
            case TaskStarted { Attempt: <= 1 } started: Task(output, e, "task_start", json => json.WriteString("workflow_ref", started.Executor)); break;
            case TaskCompleted done: Task(output, e, "task_ok", json => json.WriteNumber("attempt", Math.Max(1, done.Attempt))); break;
            case TaskRetrying failed:
                Task(output, e, "task_retry", json =>
                {
                    json.WriteNumber("attempt", failed.Attempt);
                    json.WriteString("error", failed.Error);
                });
                break;
            case TaskFailed failed: Task(output, e, "task_fail", json => json.WriteString("error", failed.Error)); break;
            case CheckpointPending pending: Task(output, e, "checkpoint_pending", json => json.WriteString("checkpoint_id", pending.CheckpointId)); break;
            case CheckpointApproved approved:
                Task(output, e, "checkpoint_approved", json =>
                {
                    json.WriteString("checkpoint_id", approved.Task.ToString());
                    json.WriteString("approved_by", approved.By);
                });
                break;
            case CheckpointExpired expired: Task(output, e, "checkpoint_expired", json => json.WriteString("checkpoint_id", expired.Task.ToString())); break;
        }
    }

    private bool IsScheduled => _created?.ScheduleId is not null;

    private void Ended(ShapeLines output, LifecycleEnvelope e, WorkflowEnded ended)
    {
        Dag(output, e, "dag_done", json =>
        {
            json.WriteString("tenant", e.TenantId);
            json.WriteNumber("tasks_succeeded", ended.Completed);
            json.WriteNumber("tasks_failed", ended.Failed + ended.FailedAllowed);
            json.Seconds("duration_seconds", ended.DurationMs);
        });
        if (!IsScheduled) return;
        State(output, e, "run_finished", json =>
        {
            json.WriteString("status", ended is WorkflowCompleted ? "success" : _next is null ? "failed" : "retry");
            json.Seconds("duration_seconds", ended.DurationMs);
            if (ended is not WorkflowCompleted) json.WriteString("error", ended is WorkflowFailed failed ? failed.Error : ended.Reason);
            if (_created!.RunAttempt > 0) json.WriteNumber("attempts", _created.RunAttempt);
            if (_next is { } next) json.WholeMilliseconds("retry_delay_ms", next.DelayMs);
        });
        if (ended is not WorkflowFailed last || _next is not null || _created!.RunAttempt < 2) return;
        State(output, e, "run_failed_terminal", json =>
        {
            json.WriteString("status", "failed_terminal");
            json.WriteString("reason", "max_retries");
            json.WriteNumber("attempts", _created.RunAttempt);
            json.WriteString("error", last.Error);
        });
    }

    private static void Task(ShapeLines output, LifecycleEnvelope e, string name, Action<Utf8JsonWriter> rest) => Dag(output, e, name, json =>
    {
        json.WriteString("task_id", e.Task?.ToString());
        rest(json);
    });

    private static void Dag(ShapeLines output, LifecycleEnvelope e, string name, Action<Utf8JsonWriter> rest) => Line(output, e, name, json =>
    {
        json.WriteString("dag_name", e.Workflow);
        json.WriteString("dag_run_id", e.RunId?.ToString());
        rest(json);
    });

    private static void State(ShapeLines output, LifecycleEnvelope e, string name, Action<Utf8JsonWriter> rest) => Line(output, e, name, json =>
    {
        json.WriteString("job_id", e.RunId?.ToString());
        json.WriteString("schedule_id", e.ScheduleId);
        json.WriteString("dag_path", e.Workflow);
        json.WriteString("tenant", e.TenantId);
        rest(json);
    });

    private static void Line(ShapeLines output, LifecycleEnvelope e, string name, Action<Utf8JsonWriter> members)
    {
        var json = output.Begin();
        json.WriteStartObject();
        json.WriteString("timestamp", ShapeJson.IsoWithoutZone(e.Time) + "+00:00");
        json.WriteString("event", name);
        members(json);
        json.WriteEndObject();
        output.End();
    }
}
