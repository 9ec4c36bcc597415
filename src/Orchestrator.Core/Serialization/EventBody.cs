using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>
/// Writes the data of events: snake_case, nulls left out, in the order of the golden journal. The properties that <see cref="JournalJson"/>
/// reads are the ones written here; a test writes and reads every type with everything set.
/// </summary>
internal static class EventBody
{
    /// <exception cref="JournalFormatException">The event's type has no shape on disk.</exception>
    public static void Write(Utf8JsonWriter json, JournalEvent e)
    {
        json.WriteStartObject();
        switch (e)
        {
            case TaskEvent task: TaskBody.Write(json, task); break;
            case StageEvent stage: Stage(json, stage); break;
            case RunEvent run: WorkflowBody.Write(json, run); break;
            default: Other(json, e); break;
        }
        json.WriteEndObject();
    }

    public static JournalFormatException Unknown(JournalEvent e) =>
        new($"Events of type {e.GetType().Name} ('{e.Type}') have no journal shape: add it to EventTypes and EventBody.");

    private static void Stage(Utf8JsonWriter json, StageEvent e)
    {
        switch (e)
        {
            case StageStarted s:
                json.WriteNumber("task_count"u8, s.TaskCount);
                break;
            case StageCompleted c:
                json.WriteNumber("duration_ms"u8, c.DurationMs);
                json.WriteNumber("completed"u8, c.Completed);
                json.WriteNumber("failed_allowed"u8, c.FailedAllowed);
                json.WriteNumber("skipped"u8, c.Skipped);
                json.WriteNumber("cancelled"u8, c.Cancelled);
                break;
            case StageFailed f:
                json.WriteString("error"u8, f.Error);
                json.WriteString("error_type"u8, Words.Of(f.ErrorType));
                json.WriteNumber("duration_ms"u8, f.DurationMs);
                break;
            case StageSkipped s:
                json.WriteString("reason"u8, s.Reason);
                break;
            default: throw Unknown(e);
        }
        json.WriteString("stage_name"u8, e.StageName);
    }

    private static void Other(Utf8JsonWriter json, JournalEvent e)
    {
        switch (e)
        {
            case ScheduleFired f:
                json.WriteString("schedule_id"u8, f.ScheduleId);
                json.WriteString("workflow"u8, f.Workflow);
                json.Instant("due_at"u8, f.DueAt);
                json.WriteString("run_id"u8, f.RunId.Value);
                json.InstantIfAny("next_due_at"u8, f.NextDueAt);
                break;
            case ScheduleSkipped s:
                json.WriteString("schedule_id"u8, s.ScheduleId);
                json.WriteString("workflow"u8, s.Workflow);
                json.Instant("due_at"u8, s.DueAt);
                json.WriteString("reason"u8, s.Reason);
                break;
            case DefinitionRejected r:
                json.WriteString("file"u8, r.File);
                json.WriteNumber("problems"u8, r.Problems);
                json.WriteString("first"u8, r.First);
                break;
            case WorkerStarted s:
                json.WriteString("instance_id"u8, s.InstanceId);
                json.WriteString("version"u8, s.Version);
                break;
            case WorkerStopping s:
                json.WriteString("instance_id"u8, s.InstanceId);
                json.WriteString("reason"u8, s.Reason);
                break;
            case WebhookEvent w: Webhook(json, w); break;
            case TelemetryDegraded d:
                json.WriteStartArray("signals"u8);
                foreach (var signal in d.Signals) json.WriteStringValue(signal);
                json.WriteEndArray();
                json.WriteString("reason"u8, d.Reason);
                if (d.Sink is not null) json.WriteString("sink"u8, d.Sink);
                break;
            case TelemetryRecovered r:
                json.WriteNumber("duration_ms"u8, r.DurationMs);
                json.WriteNumber("dropped"u8, r.Dropped);
                if (r.Sink is not null) json.WriteString("sink"u8, r.Sink);
                break;
            default:
                Journal(json, e);
                break;
        }
    }

    private static void Journal(Utf8JsonWriter json, JournalEvent e)
    {
        switch (e)
        {
            case JournalTailCut c:
                json.WriteString("segment"u8, c.Segment);
                json.WriteNumber("offset"u8, c.Offset);
                json.WriteNumber("bytes"u8, c.Bytes);
                json.WriteString("kept_as"u8, c.KeptAs);
                break;
            case JournalRepaired r:
                json.WriteString("actor"u8, r.Actor);
                json.Texts("kept_as"u8, r.KeptAs);
                json.Texts("lost"u8, r.Lost);
                break;
            case JournalEventsLost l:
                json.WriteString("of"u8, l.Of);
                json.WriteNumber("first_seq"u8, l.FirstSeq);
                json.WriteNumber("last_seq"u8, l.LastSeq);
                break;
            default: throw Unknown(e);
        }
    }

    private static void Webhook(Utf8JsonWriter json, WebhookEvent w)
    {
        json.WriteString("event_id"u8, w.EventId);
        json.WriteString("sink"u8, w.Sink);
        json.WriteString("host"u8, w.Host);
        json.WriteNumber("attempt"u8, w.Attempt);
        json.WriteString("event_type"u8, w.EventType);
        if (w.CorrelationId is not null) json.WriteString("correlation_id"u8, w.CorrelationId);
        if (w.RunId is { } run) json.WriteString("run_id"u8, run.Value);
        if (w.Workflow is not null) json.WriteString("workflow"u8, w.Workflow);
        if (w.HttpStatus is { } status) json.WriteNumber("http_status"u8, status);
        json.WriteNumber("duration_ms"u8, w.DurationMs);
        if (w.Error is not null) json.WriteString("error"u8, w.Error);
    }
}
