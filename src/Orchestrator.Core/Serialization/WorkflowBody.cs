using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>The data of a run's own events.</summary>
internal static class WorkflowBody
{
    public static void Write(Utf8JsonWriter json, RunEvent e)
    {
        switch (e)
        {
            case WorkflowCreated c: Created(json, c); break;
            case WorkflowQueued q:
                json.WriteString("reason"u8, q.Reason);
                json.WriteString("queue"u8, q.Queue);
                json.WriteNumber("priority"u8, q.Priority);
                json.WriteNumber("position"u8, q.Position);
                json.WriteString("status_from"u8, Words.Of(q.StatusFrom));
                json.WriteString("status_to"u8, Words.Of(q.StatusTo));
                break;
            case WorkflowStarted s:
                json.WriteNumber("total_tasks"u8, s.TotalTasks);
                json.Texts("stages"u8, s.Stages);
                json.WriteNumber("queue_wait_ms"u8, s.QueueWaitMs);
                json.WriteString("reason"u8, s.Reason);
                json.WriteNumber("owner_epoch"u8, s.OwnerEpoch);
                json.WriteString("instance_id"u8, s.InstanceId);
                json.WriteString("status_from"u8, Words.Of(s.StatusFrom));
                json.WriteString("status_to"u8, Words.Of(s.StatusTo));
                break;
            case WorkflowCancelRequested r:
                json.WriteString("reason"u8, Words.Of(r.Reason));
                json.WriteString("actor"u8, r.Actor);
                json.TextIfAny("error"u8, r.Error);
                break;
            case WorkflowRecovered r:
                json.WriteString("reason"u8, r.Reason);
                json.WriteNumber("owner_epoch"u8, r.OwnerEpoch);
                json.WriteString("instance_id"u8, r.InstanceId);
                break;
            case WorkflowEventsLost l:
                json.WriteNumber("first_seq"u8, l.FirstSeq);
                json.WriteNumber("last_seq"u8, l.LastSeq);
                break;
            case WorkflowFinalizing f:
                json.WriteString("outcome"u8, Words.Of(f.Outcome));
                json.TextIfAny("error"u8, f.Error);
                break;
            case WorkflowPaused p:
                Change(json, p.Reason, p.StatusFrom, p.StatusTo);
                break;
            case WorkflowResumed r:
                Change(json, r.Reason, r.StatusFrom, r.StatusTo);
                break;
            case WorkflowRetrying r:
                json.WriteString("next_run_id"u8, r.NextRunId.Value);
                json.WriteNumber("next_attempt"u8, r.NextAttempt);
                json.Instant("not_before"u8, r.NotBefore);
                json.WriteNumber("delay_ms"u8, r.DelayMs);
                break;
            case SlaEvent s:
                json.TextIfAny("sla_task"u8, s.Subject?.ToString());
                json.WriteNumber("expected_ms"u8, s.ExpectedMs);
                json.WriteNumber("elapsed_ms"u8, s.ElapsedMs);
                break;
            case WorkflowEnded ended: Ended(json, ended); break;
            default: throw EventBody.Unknown(e);
        }
    }

    private static void Change(Utf8JsonWriter json, string reason, RunStatus from, RunStatus to)
    {
        json.WriteString("reason"u8, reason);
        json.WriteString("status_from"u8, Words.Of(from));
        json.WriteString("status_to"u8, Words.Of(to));
    }

    private static void Created(Utf8JsonWriter json, WorkflowCreated e)
    {
        json.WriteString("workflow"u8, e.Workflow);
        json.WriteString("definition_version"u8, e.DefinitionVersion);
        json.TextIfAny("tenant_id"u8, e.TenantId);
        json.TextIfAny("project_id"u8, e.ProjectId);
        if (e.Labels is { } labels) json.Texts("labels"u8, labels);
        json.WriteString("trigger"u8, Words.Of(e.Trigger));
        json.TextIfAny("requested_by"u8, e.RequestedBy);
        json.TextIfAny("schedule_id"u8, e.ScheduleId);
        json.InstantIfAny("due_at"u8, e.DueAt);
        if (e.Params is not null) json.Values("params"u8, e.Params);
        json.TextIfAny("inputs_digest"u8, e.InputsDigest);
        json.TextIfAny("idempotency_key"u8, e.IdempotencyKey);
        json.TextIfAny("correlation_id"u8, e.CorrelationId);
        json.TextIfAny("causation_id"u8, e.CausationId);
        if (e.Trace is { } trace)
        {
            json.WriteStartObject("trace"u8);
            json.WriteString("trace_parent"u8, trace.TraceParent);
            json.TextIfAny("trace_state"u8, trace.TraceState);
            json.TextIfAny("baggage"u8, trace.Baggage);
            json.WriteEndObject();
        }
        if (e.Sampled is { } sampled) json.WriteBoolean("sampled"u8, sampled);
        if (!e.Links.IsDefaultOrEmpty) Links(json, e.Links);
        json.TextIfAny("base_dir"u8, e.BaseDir);
        if (e.ParentRunId is { } parent) json.WriteString("parent_run_id"u8, parent.Value);
        json.TextIfAny("parent_task"u8, e.ParentTask?.ToString());
        if (e.Depth != 0) json.WriteNumber("depth"u8, e.Depth);
        if (e.RetryOf is { } earlier) json.WriteString("retry_of"u8, earlier.Value);
        if (e.RunAttempt != 0) json.WriteNumber("run_attempt"u8, e.RunAttempt);
        json.InstantIfAny("not_before"u8, e.NotBefore);
        json.TextIfAny("concurrency_group"u8, e.ConcurrencyGroup);
        json.WriteString("status_to"u8, Words.Of(e.StatusTo));
    }

    private static void Links(Utf8JsonWriter json, System.Collections.Immutable.ImmutableArray<TraceLink> links)
    {
        json.WriteStartArray("links"u8);
        foreach (var link in links)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, link.Type);
            json.WriteString("trace_parent"u8, link.TraceParent);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Ended(Utf8JsonWriter json, WorkflowEnded e)
    {
        switch (e)
        {
            case WorkflowCompleted c:
                json.WriteBoolean("success"u8, c.Success);
                json.Texts("stages_executed"u8, c.StagesExecuted);
                if (c.WorkflowResult is { } result) json.Values("workflow_result"u8, result);
                break;
            case WorkflowFailed f:
                json.WriteBoolean("success"u8, f.Success);
                json.WriteString("error"u8, f.Error);
                json.WriteString("error_type"u8, Words.Of(f.ErrorType));
                json.WriteString("error_class"u8, Words.Of(f.ErrorClass));
                json.TextIfAny("failed_stage"u8, f.FailedStage);
                json.Ids("failed_tasks"u8, f.FailedTasks);
                json.TextIfAny("retry_refusal"u8, f.RetryRefusal);
                break;
            case WorkflowCancelled c:
                json.WriteString("cancel_reason"u8, Words.Of(c.CancelReason));
                json.TextIfAny("requested_by"u8, c.RequestedBy);
                break;
            default: throw EventBody.Unknown(e);
        }
        json.WriteString("status_to"u8, Words.Of(e.StatusTo));
        json.WriteNumber("total"u8, e.Total);
        json.WriteNumber("completed"u8, e.Completed);
        json.WriteNumber("failed"u8, e.Failed);
        json.WriteNumber("failed_allowed"u8, e.FailedAllowed);
        json.WriteNumber("skipped"u8, e.Skipped);
        json.WriteNumber("cancelled"u8, e.Cancelled);
        json.WriteNumber("duration_ms"u8, e.DurationMs);
        json.TrueIfSo("resumed"u8, e.Resumed);
        if (e.HandlersFailed != 0) json.WriteNumber("handlers_failed"u8, e.HandlersFailed);
        json.WriteString("reason"u8, e.Reason);
        json.WriteString("status_from"u8, Words.Of(e.StatusFrom));
    }
}
