using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Writes an envelope as one line of JSON.</summary>
public static class EnvelopeJson
{
    // Relaxed: lines are for terminals, logs and tools, never pasted into a page unescaped; line ends are escaped by any encoder.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The envelope and the stream it stands in, without a line end.</summary>
    public static string Write(LifecycleEnvelope envelope, StreamId stream)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Compact)) Write(json, envelope, stream);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The envelope as one object. Members without a value are written as null, so every line has the same ones.</summary>
    public static void Write(Utf8JsonWriter json, LifecycleEnvelope envelope, StreamId? stream)
    {
        json.WriteStartObject();
        json.WriteString("specversion", envelope.SpecVersion);
        json.WriteString("event_id", envelope.EventId);
        json.WriteNumber("seq", envelope.Seq);
        json.WriteString("type", envelope.Type);
        json.WriteString("short_type", envelope.ShortType);
        json.WriteString("version", envelope.Version);
        json.WriteString("time", InstantJson.Format(envelope.Time, stackalloc byte[InstantJson.Length + 1]));
        json.WriteString("source", envelope.Source);
        json.WriteNumber("priority", envelope.Priority);
        json.WriteString("severity", Words.Of(envelope.Severity));
        json.WriteString("correlation_id", envelope.CorrelationId);
        json.WriteString("causation_id", envelope.CausationId);
        if (stream is { } name) json.WriteString("stream", name.ToString());
        json.WriteString("run_id", envelope.RunId?.ToString());
        json.WriteString("workflow", envelope.Workflow);
        json.WriteString("definition_version", envelope.DefinitionVersion);
        json.WriteString("stage", envelope.Stage);
        json.WriteString("task", envelope.Task?.ToString());
        json.WriteString("module", envelope.Module);
        if (envelope.Attempt is { } attempt) json.WriteNumber("attempt", attempt); else json.WriteNull("attempt");
        json.WriteString("tenant_id", envelope.TenantId);
        json.WriteString("project_id", envelope.ProjectId);
        json.WriteString("schedule_id", envelope.ScheduleId);
        json.WriteNumber("owner_epoch", envelope.OwnerEpoch);
        WriteTrace(json, envelope.Trace);
        WriteProducer(json, envelope.Producer);
        json.WritePropertyName("data");
        EventPayload.Write(json, envelope.Data);
        json.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter json, TraceReference? trace)
    {
        if (trace is null)
        {
            json.WriteNull("trace");
            return;
        }
        json.WriteStartObject("trace");
        json.WriteString("trace_id", trace.TraceId);
        json.WriteString("span_id", trace.SpanId);
        json.WriteEndObject();
    }

    private static void WriteProducer(Utf8JsonWriter json, EventProducer producer)
    {
        json.WriteStartObject("producer");
        json.WriteString("service", producer.Service);
        json.WriteString("instance_id", producer.InstanceId);
        json.WriteString("hostname", producer.Hostname);
        json.WriteString("version", producer.Version);
        json.WriteEndObject();
    }
}
