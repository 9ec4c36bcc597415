using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>
/// Events of an event bus: type, source, id, time in seconds, correlation, data, metadata and priority. A task's start is written once, its further
/// attempts by <c>task.retrying</c>; what that bus has no event for (skips, stages, handlers, cancelled tasks) is not
/// told. A run that was cancelled is one that failed.
/// </summary>
internal sealed class CodomyrmexShape : IEventShape
{
    public void Write(LifecycleEnvelope e, StreamId stream, ShapeLines? output)
    {
        if (output is null || TypeOf(e.Data) is not { } type) return;
        var json = output.Begin();
        json.WriteStartObject();
        json.WriteString("event_type", type);
        json.WriteString("source", e.Source);
        json.WriteString("event_id", e.EventId);
        json.EpochSeconds("timestamp", e.Time);
        json.WriteString("correlation_id", e.CorrelationId);
        json.WriteStartObject("data");
        Payload(json, e);
        json.WriteEndObject();
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteNumber("priority", type is "workflow.failed" or "task.failed" ? 2 : 0);
        json.WriteEndObject();
        output.End();
    }

    private static string? TypeOf(JournalEvent e) => e switch
    {
        TaskEvent { Role: not null } => null,
        TaskStarted { Attempt: > 1 } => null,
        WorkflowCancelled => "workflow.failed",
        WorkflowStarted or WorkflowCompleted or WorkflowFailed or TaskStarted or TaskCompleted or TaskFailed or TaskRetrying => e.Type,
        ScheduleStarts => "job.scheduled",
        _ => null,
    };

    private static void Payload(Utf8JsonWriter json, LifecycleEnvelope e)
    {
        if (e.Data is ScheduleStarts fired)
        {
            json.WriteString("job_id", fired.RunId.Value);
            json.WriteString("job_name", fired.ScheduleId);
            return;
        }
        json.WriteString("workflow_name", e.Workflow);
        if (e.Task is { } task) json.WriteString("task_name", task.ToString());
        switch (e.Data)
        {
            case WorkflowStarted started:
                json.WriteNumber("total_tasks", started.TotalTasks);
                break;
            case WorkflowCompleted ended:
                json.WriteNumber("completed", ended.Completed);
                json.WriteNumber("failed", ended.Failed);
                json.WriteNumber("skipped", ended.Skipped);
                json.Seconds("elapsed", ended.DurationMs);
                json.WriteBoolean("success", ended.Failed == 0);
                break;
            case WorkflowFailed failed:
                json.WriteString("error_message", failed.Error);
                break;
            case WorkflowCancelled cancelled:
                json.WriteString("error_message", cancelled.Reason);
                break;
            case TaskCompleted done:
                json.Seconds("execution_time", done.DurationMs);
                json.WriteNumber("attempts", done.Attempts);
                break;
            case TaskFailed failed:
                json.WriteString("error_message", failed.Error);
                break;
            case TaskRetrying retrying:
                json.WriteNumber("attempt", retrying.Attempt);
                json.Seconds("delay", retrying.DelayMs);
                json.WriteString("error_message", retrying.Error);
                break;
        }
    }
}
