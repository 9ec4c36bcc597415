using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>
/// The six messages of workflow and stage publishers, each with its topic and its payload. The payload's workflow_id is the run's id, which is
/// the correlation id too unless the caller gave one. Other events have no such message; a run that was cancelled is one that failed.
/// </summary>
public sealed class OmninodeShape : IEventShape
{
    private WorkflowCreated? _created;

    /// <inheritdoc/>
    public void Write(LifecycleEnvelope e, StreamId stream, ShapeLines? output)
    {
        if (e.Data is WorkflowCreated created) _created = created;
        if (output is null || !Has(e.Data)) return;
        var json = output.Begin();
        json.WriteStartObject();
        json.WriteString("topic", OmninodeNames.TopicOf(e.Type));
        json.WriteString("event_type", EventTable.ShortType(NameOf(e)));
        json.WriteString("correlation_id", e.CorrelationId);
        json.WritePropertyName("payload");
        Payload(json, e);
        json.WriteEndObject();
        output.End();
    }

    /// <summary>Writes the payload of an event that <see cref="Has"/> one.</summary>
    public void WritePayload(LifecycleEnvelope e, ShapeLines output)
    {
        Payload(output.Begin(), e);
        output.End();
    }

    /// <summary>Takes an event into account.</summary>
    public void Remember(LifecycleEnvelope e) => _created = e.Data as WorkflowCreated ?? _created;

    /// <summary>Whether the event is one of the six.</summary>
    public static bool Has(JournalEvent e) => e is WorkflowStarted or WorkflowEnded or StageStarted or StageCompleted or StageFailed;

    // There is no message for a cancelled run: it did not complete, and receivers that wait for its end must learn of it.
    private static string NameOf(LifecycleEnvelope e) => e.Data is WorkflowCancelled ? "workflow.failed" : e.Type;

    private void Payload(Utf8JsonWriter json, LifecycleEnvelope e)
    {
        json.WriteStartObject();
        json.WriteString("event_type", OmninodeNames.TypeOf(NameOf(e)));
        json.WriteString("workflow_id", e.RunId?.ToString());
        if (e.Data is StageEvent stage) json.WriteString("stage_name", stage.StageName);
        json.WriteString("orchestrator_name", e.Workflow);
        switch (e.Data)
        {
            case WorkflowStarted started: Started(json, e, started); break;
            case WorkflowCompleted completed: Completed(json, completed); break;
            case WorkflowFailed failed:
                json.WriteString("error", failed.Error);
                json.WriteString("error_type", Words.Of(failed.ErrorType));
                json.WriteString("failed_stage", failed.FailedStage);
                json.WholeMilliseconds("total_duration_ms", failed.DurationMs);
                break;
            case WorkflowCancelled cancelled:
                json.WriteString("error", cancelled.Reason);
                json.WriteString("error_type", "cancelled");
                json.WriteString("failed_stage", (string?)null);
                json.WholeMilliseconds("total_duration_ms", cancelled.DurationMs);
                break;
            case StageStarted s:
                json.WriteStartObject("stage_context");
                json.WriteNumber("task_count", s.TaskCount);
                json.WriteEndObject();
                break;
            case StageCompleted s:
                json.WriteStartObject("stage_result");
                json.WriteNumber("completed", s.Completed);
                json.WriteNumber("failed_allowed", s.FailedAllowed);
                json.WriteNumber("skipped", s.Skipped);
                json.WriteNumber("cancelled", s.Cancelled);
                json.WriteEndObject();
                json.WholeMilliseconds("duration_ms", s.DurationMs);
                break;
            case StageFailed s:
                json.WriteString("error", s.Error);
                json.WriteString("error_type", s.ErrorType is { } kind ? Words.Of(kind) : "cancelled");
                json.WholeMilliseconds("duration_ms", s.DurationMs);
                break;
        }
        json.WriteString("timestamp", ShapeJson.IsoWithoutZone(e.Time));
        if (e.Data is WorkflowStarted begun) Metadata(json, e, w => w.WriteString("instance_id", begun.InstanceId is { Length: > 0 } id ? id : "unknown"));
        else if (e.Data is WorkflowCompleted) Metadata(json, e, w => w.WriteString("service_name", e.Producer.Service));
        json.WriteEndObject();
    }

    private void Started(Utf8JsonWriter json, LifecycleEnvelope e, WorkflowStarted started)
    {
        json.WriteString("orchestrator_type", "workflow");
        json.WriteString("service_name", e.Producer.Service);
        json.WriteStartObject("workflow_context");
        json.WriteStartObject("params");
        Values(json, _created?.Params);
        json.WriteEndObject();
        json.WriteString("trigger", _created is { } created ? Words.Of(created.Trigger) : null);
        json.WriteString("requested_by", _created?.RequestedBy);
        json.WriteNumber("total_tasks", started.TotalTasks);
        json.WriteStartArray("stages");
        foreach (var stage in started.Stages) json.WriteStringValue(stage);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Completed(Utf8JsonWriter json, WorkflowCompleted completed)
    {
        json.WriteStartObject("workflow_result");
        Values(json, completed.WorkflowResult);
        json.WriteEndObject();
        json.WholeMilliseconds("total_duration_ms", completed.DurationMs);
        json.WriteStartArray("stages_executed");
        foreach (var stage in completed.StagesExecuted) json.WriteStringValue(stage);
        json.WriteEndArray();
    }

    private static void Values(Utf8JsonWriter json, ImmutableSortedDictionary<string, JsonElement>? values)
    {
        if (values is null) return;
        foreach (var (name, value) in values)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    private static void Metadata(Utf8JsonWriter json, LifecycleEnvelope e, Action<Utf8JsonWriter> own)
    {
        json.WriteStartObject("metadata");
        json.WriteString("domain", e.ProjectId ?? e.TenantId);
        json.WriteString("version", e.DefinitionVersion);
        own(json);
        json.WriteEndObject();
    }
}
