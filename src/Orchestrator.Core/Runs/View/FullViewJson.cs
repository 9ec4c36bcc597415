using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Runs.View;

/// <summary>Writes everything a view holds, in the order of its properties; what there is none of is null.</summary>
internal static class FullViewJson
{
    public static void Write(Utf8JsonWriter json, RunView run, Action<Utf8JsonWriter>? more)
    {
        json.WriteStartObject();
        json.WriteString("run_id"u8, run.RunId.Value);
        json.WriteString("workflow"u8, run.Workflow);
        json.WriteString("status"u8, Words.Of(run.Status));
        json.WriteNumber("duration_ms"u8, run.DurationMs);
        json.WriteString("trace_id"u8, run.TraceId);
        json.WriteString("report_dir"u8, run.ReportDir);
        RunViewJson.WriteCounts(json, run.Counts);
        json.WriteStartObject("tasks"u8);
        foreach (var task in run.Tasks) Task(json, task);
        json.WriteEndObject();
        Origin(json, run);
        End(json, run);
        json.WriteStartArray("stages"u8);
        foreach (var stage in run.Stages) Stage(json, stage);
        json.WriteEndArray();
        Times(json, run);
        json.TextIfAny("damage"u8, run.Damage);
        more?.Invoke(json);
        json.WriteEndObject();
    }

    private static void Origin(Utf8JsonWriter json, RunView run)
    {
        json.WriteString("definition_version"u8, run.DefinitionVersion);
        json.WriteString("tenant"u8, run.Tenant);
        json.WriteString("project"u8, run.Project);
        json.WriteString("trigger"u8, Words.Of(run.Trigger));
        json.WriteString("requested_by"u8, run.RequestedBy);
        json.WriteString("schedule_id"u8, run.ScheduleId);
        json.InstantOrNull("due_at"u8, run.DueAt);
        json.InstantOrNull("created_at"u8, run.CreatedAt);
        json.InstantOrNull("started_at"u8, run.StartedAt);
        json.InstantOrNull("ended_at"u8, run.EndedAt);
        json.WriteNumber("queue_ms"u8, run.QueueMs);
        json.Texts("labels"u8, run.Labels);
        json.Values("params"u8, run.Params);
    }

    private static void End(Utf8JsonWriter json, RunView run)
    {
        json.WriteString("reason"u8, run.Reason);
        json.WriteString("error"u8, run.Error);
        json.WriteString("error_type"u8, run.ErrorType is { } kind ? Words.Of(kind) : null);
        json.WriteString("error_class"u8, run.ErrorClass is { } part ? Words.Of(part) : null);
        json.WriteString("failed_stage"u8, run.FailedStage);
        json.WriteString("cancel_reason"u8, run.CancelReason is { } why ? Words.Of(why) : null);
        json.WriteString("cancelled_by"u8, run.CancelledBy);
        json.WriteString("cancel_comment"u8, run.CancelComment);
        json.WriteString("parent_run_id"u8, run.ParentRunId?.ToString());
        json.WriteString("parent_task"u8, run.ParentTask?.ToString());
        json.WriteString("retry_of"u8, run.RetryOf?.ToString());
        json.WriteString("next_run"u8, run.NextRun?.ToString());
        if (run.Outputs is { } outputs) json.Values("outputs"u8, outputs);
        else json.WriteNull("outputs"u8);
        json.WriteNumber("handlers_failed"u8, run.HandlersFailed);
        json.WriteNumber("recoveries"u8, run.Recoveries);
    }

    private static void Times(Utf8JsonWriter json, RunView run)
    {
        json.WriteStartObject("critical_path"u8);
        json.Ids("tasks"u8, run.CriticalPath.Tasks);
        json.WriteNumber("duration_ms"u8, run.CriticalPath.DurationMs);
        json.WriteEndObject();
        json.WriteStartObject("slots"u8);
        json.WriteNumber("peak"u8, run.Slots.Peak);
        json.WriteNumber("busy_ms"u8, run.Slots.BusyMs);
        json.WriteNumber("average"u8, run.Slots.Average);
        json.WriteEndObject();
        UsageBody.WriteOrNull(json, run.Usage);
    }

    private static void Stage(Utf8JsonWriter json, StageView stage)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, stage.Name);
        json.WriteString("status"u8, Words.Of(stage.Status));
        json.WriteNumber("duration_ms"u8, stage.DurationMs);
        json.WriteString("reason"u8, stage.Reason);
        json.WriteEndObject();
    }

    private static void Task(Utf8JsonWriter json, TaskView task)
    {
        json.WriteStartObject(task.Id.ToString());
        json.WriteString("status"u8, Words.Of(task.Status));
        json.WriteNumber("attempts"u8, task.Attempts);
        json.WriteNumber("duration_ms"u8, task.DurationMs);
        json.NumberOrNull("exit_code"u8, task.ExitCode);
        json.WriteString("reason"u8, task.Reason);
        json.WriteString("error"u8, task.Error);
        RunViewJson.WriteOutputs(json, task.Outputs);
        json.WriteString("outputs_file"u8, task.OutputsFile);
        json.WriteString("reused_from"u8, task.ReusedFrom?.ToString());
        json.WriteString("stage"u8, task.Stage);
        json.WriteString("kind"u8, task.Kind);
        json.WriteBoolean("allowed"u8, task.Allowed);
        json.Ids("depends_on"u8, task.DependsOn);
        json.Ids("blocked_by"u8, task.BlockedBy);
        json.InstantOrNull("started_at"u8, task.StartedAt);
        json.InstantOrNull("ended_at"u8, task.EndedAt);
        json.WriteNumber("queue_ms"u8, task.QueueMs);
        json.WriteStartArray("history"u8);
        foreach (var attempt in task.History) Attempt(json, attempt);
        json.WriteEndArray();
        UsageBody.WriteOrNull(json, task.Usage);
        json.WriteString("id"u8, task.Id.ToString());
        json.TextIfAny("role"u8, task.Role);
        if (task.Items is { } items) json.WriteNumber("items"u8, items);
        if (task.FailedItems is { } failed) json.WriteNumber("failed_items"u8, failed);
        json.TextIfAny("item"u8, task.Item);
        json.Texts("tags"u8, task.Tags);
        json.Values("metadata"u8, task.Metadata);
        if (task.ChildRunId is { } child) json.WriteString("child_run_id"u8, child.Value);
        if (task.Progress is { } progress) Progress(json, progress);
        if (task.Waiting is { } wait) Wait(json, wait);
        json.WriteEndObject();
    }

    private static void Progress(Utf8JsonWriter json, ProgressView progress)
    {
        json.WriteStartObject("progress"u8);
        json.WriteString("message"u8, progress.Message);
        if (progress.Percent is { } percent) json.WriteNumber("percent"u8, percent);
        else json.WriteNull("percent"u8);
        json.WriteEndObject();
    }

    private static void Wait(Utf8JsonWriter json, WaitView wait)
    {
        json.WriteStartObject("waiting"u8);
        json.WriteString("for"u8, Words.Of(wait.Kind));
        json.InstantOrNull("until"u8, wait.Until);
        json.TextIfAny("event"u8, wait.EventName);
        if (wait.Prompt is { } prompt)
        {
            json.WriteString("prompt"u8, prompt);
            json.WriteNumber("required"u8, wait.Required);
            json.Texts("approvers"u8, wait.Approvers);
            json.Texts("approved_by"u8, wait.ApprovedBy);
        }
        json.WriteEndObject();
    }

    private static void Attempt(Utf8JsonWriter json, AttemptView attempt)
    {
        json.WriteStartObject();
        json.WriteNumber("number"u8, attempt.Number);
        json.Instant("started_at"u8, attempt.StartedAt);
        json.WriteNumber("duration_ms"u8, attempt.DurationMs);
        json.WriteString("outcome"u8, Words.Of(attempt.Outcome));
        json.WriteString("error"u8, attempt.Error);
        json.WriteString("error_type"u8, attempt.ErrorType is { } kind ? Words.Of(kind) : null);
        json.NumberOrNull("exit_code"u8, attempt.ExitCode);
        json.WriteString("log_ref"u8, attempt.LogRef);
        if (attempt.RetryDelayMs is { } delay) json.WriteNumber("retry_delay_ms"u8, delay);
        else json.WriteNull("retry_delay_ms"u8);
        UsageBody.WriteOrNull(json, attempt.Usage);
        json.WriteString("executable"u8, attempt.Executable);
        json.WriteEndObject();
    }
}
