using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>The data of task events; task and attempt stand in the line's header.</summary>
internal static class TaskBody
{
    public static void Write(Utf8JsonWriter json, TaskEvent e)
    {
        switch (e)
        {
            case TaskQueued q:
                json.WriteString("reason"u8, q.Reason);
                json.TextIfAny("pool"u8, q.Pool);
                break;
            case TaskStarted s:
                json.WriteNumber("max_attempts"u8, s.MaxAttempts);
                json.WriteString("executor"u8, s.Executor);
                break;
            case TaskSkipped s:
                json.WriteString("reason"u8, Words.Of(s.Reason));
                json.Ids("blocked_by"u8, s.BlockedBy);
                break;
            case AttemptClosed closed: Closed(json, closed); break;
            case TaskWaiting or TaskExpanded or TaskProgress: Waiting(json, e); break;
            default: Checkpoint(json, e); break;
        }
        json.TextIfAny("role"u8, e.Role);
    }

    private static void Waiting(Utf8JsonWriter json, TaskEvent e)
    {
        switch (e)
        {
            case TaskWaiting w:
                json.WriteString("waits_for"u8, Words.Of(w.WaitsFor));
                json.InstantIfAny("until"u8, w.Until);
                json.TextIfAny("event_name"u8, w.EventName);
                if (w.ChildRunId is { } child) json.WriteString("child_run_id"u8, child.Value);
                break;
            case TaskExpanded x:
                json.WritePropertyName("items"u8);
                x.Items.WriteTo(json);
                break;
            case TaskProgress p:
                json.TextIfAny("message"u8, p.Message);
                if (p.Percent is { } percent) json.WriteNumber("percent"u8, percent);
                break;
        }
    }

    private static void Checkpoint(Utf8JsonWriter json, TaskEvent e)
    {
        switch (e)
        {
            case CheckpointPending c:
                json.WriteString("checkpoint_id"u8, c.CheckpointId);
                json.WriteString("prompt"u8, c.Prompt);
                json.WriteString("required_role"u8, c.RequiredRole);
                json.WriteNumber("required"u8, c.Required);
                json.Texts("approvers"u8, c.Approvers);
                json.Instant("expires_at"u8, c.ExpiresAt);
                break;
            case CheckpointApproved a:
                json.WriteString("by"u8, a.By);
                json.TextIfAny("comment"u8, a.Comment);
                json.Values("values"u8, a.Values);
                json.WriteNumber("count"u8, a.Count);
                json.WriteNumber("required"u8, a.Required);
                break;
            case CheckpointRejected r:
                json.WriteString("by"u8, r.By);
                json.TextIfAny("comment"u8, r.Comment);
                break;
            case CheckpointExpired: break;
            default: throw EventBody.Unknown(e);
        }
    }

    private static void Closed(Utf8JsonWriter json, AttemptClosed e)
    {
        switch (e)
        {
            case TaskCompleted c: Completed(json, c); break;
            case TaskRetrying r:
                json.WriteNumber("next_attempt"u8, r.NextAttempt);
                json.WriteNumber("delay_ms"u8, r.DelayMs);
                json.Instant("retry_at"u8, r.RetryAt);
                json.WriteString("error"u8, r.Error);
                json.WriteString("error_type"u8, Words.Of(r.ErrorType));
                json.NumberIfAny("exit_code"u8, r.ExitCode);
                break;
            case TaskFailed f:
                json.WriteString("error"u8, f.Error);
                json.WriteString("kind"u8, Words.Of(f.Kind));
                json.WriteString("error_type"u8, Words.Of(f.ErrorType));
                json.TrueIfSo("allowed"u8, f.Allowed);
                json.WriteNumber("duration_ms"u8, f.DurationMs);
                json.WriteNumber("queue_ms"u8, f.QueueMs);
                json.WriteNumber("attempts"u8, f.Attempts);
                json.NumberIfAny("exit_code"u8, f.ExitCode);
                break;
            case TaskCancelled c:
                json.WriteString("reason"u8, Words.Of(c.Reason));
                json.WriteNumber("duration_ms"u8, c.DurationMs);
                json.WriteNumber("attempts"u8, c.Attempts);
                break;
            default: throw EventBody.Unknown(e);
        }
        json.WriteNumber("attempt_duration_ms"u8, e.AttemptDurationMs);
        json.TrueIfSo("resumed"u8, e.Resumed);
        if (e.Process is { } process) Process(json, process);
        json.TextIfAny("log_ref"u8, e.LogRef);
        json.TextIfAny("exception_type"u8, e.ExceptionType);
        if (e.ClosesAttempt is { } closes) json.WriteBoolean("closes_attempt"u8, closes);
        if (e.Loss is { } loss) json.WriteString("loss"u8, Words.Of(loss));
        if (e.RetryRefused is { } refused) json.WriteString("retry_refused"u8, Words.Of(refused));
    }

    private static void Completed(Utf8JsonWriter json, TaskCompleted e)
    {
        json.WriteNumber("duration_ms"u8, e.DurationMs);
        json.WriteNumber("queue_ms"u8, e.QueueMs);
        json.WriteNumber("attempts"u8, e.Attempts);
        json.NumberIfAny("exit_code"u8, e.ExitCode);
        if (e.ReusedFrom is { } earlier) json.WriteString("reused_from"u8, earlier.Value);
        if (e.InlineOutputs is { } outputs) json.Values("outputs"u8, outputs);
        json.TextIfAny("outputs_file"u8, e.OutputsFile);
        if (e.OutputBytes != 0) json.WriteNumber("output_bytes"u8, e.OutputBytes);
    }

    private static void Process(Utf8JsonWriter json, ProcessFacts process)
    {
        json.WriteStartObject("process"u8);
        json.WriteString("executable"u8, process.Executable);
        json.WriteNumber("pid"u8, process.Pid);
        json.NumberIfAny("exit_code"u8, process.ExitCode);
        json.NumberIfAny("signal"u8, process.Signal);
        json.WriteNumber("left_behind"u8, process.LeftBehind);
        if (process.Usage is { } usage) UsageBody.Write(json, usage);
        json.WriteEndObject();
    }
}
