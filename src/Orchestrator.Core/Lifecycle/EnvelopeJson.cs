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
        json.WriteString(Names.Specversion, envelope.SpecVersion);
        json.WriteString(Names.EventId, envelope.EventId);
        json.WriteNumber(Names.Seq, envelope.Seq);
        json.WriteString(Names.Type, envelope.Type);
        json.WriteString(Names.ShortType, envelope.ShortType);
        json.WriteString(Names.Version, envelope.Version);
        json.WriteString(Names.Time, InstantJson.Format(envelope.Time, stackalloc byte[InstantJson.Length + 1]));
        json.WriteString(Names.Source, envelope.Source);
        json.WriteNumber(Names.Priority, envelope.Priority);
        json.WriteString(Names.Severity, Words.Of(envelope.Severity));
        json.WriteString(Names.CorrelationId, envelope.CorrelationId);
        json.WriteString(Names.CausationId, envelope.CausationId);
        if (stream is { } name) json.WriteString(Names.Stream, name.ToString());
        if (envelope.RunId is { } run) json.WriteString(Names.RunId, run.Value); else json.WriteNull(Names.RunId);
        json.WriteString(Names.Workflow, envelope.Workflow);
        json.WriteString(Names.DefinitionVersion, envelope.DefinitionVersion);
        json.WriteString(Names.Stage, envelope.Stage);
        json.WriteString(Names.Task, envelope.Task?.ToString());
        json.WriteString(Names.Module, envelope.Module);
        if (envelope.Attempt is { } attempt) json.WriteNumber(Names.Attempt, attempt); else json.WriteNull(Names.Attempt);
        json.WriteString(Names.TenantId, envelope.TenantId);
        json.WriteString(Names.ProjectId, envelope.ProjectId);
        json.WriteString(Names.ScheduleId, envelope.ScheduleId);
        json.WriteNumber(Names.OwnerEpoch, envelope.OwnerEpoch);
        WriteTrace(json, envelope.Trace);
        WriteProducer(json, envelope.Producer);
        json.WritePropertyName(Names.Data);
        EventPayload.Write(json, envelope.Data);
        json.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter json, TraceReference? trace)
    {
        if (trace is null)
        {
            json.WriteNull(Names.Trace);
            return;
        }
        json.WriteStartObject(Names.Trace);
        json.WriteString(Names.TraceId, trace.TraceId);
        json.WriteString(Names.SpanId, trace.SpanId);
        json.WriteEndObject();
    }

    private static void WriteProducer(Utf8JsonWriter json, EventProducer producer)
    {
        json.WriteStartObject(Names.Producer);
        json.WriteString(Names.Service, producer.Service);
        json.WriteString(Names.InstanceId, producer.InstanceId);
        json.WriteString(Names.Hostname, producer.Hostname);
        json.WriteString(Names.Version, producer.Version);
        json.WriteEndObject();
    }

    // Encoded once: looking at every letter of every name again would be a third of the work.
    private static class Names
    {
        public static readonly JsonEncodedText Specversion = JsonEncodedText.Encode("specversion");
        public static readonly JsonEncodedText EventId = JsonEncodedText.Encode("event_id");
        public static readonly JsonEncodedText Seq = JsonEncodedText.Encode("seq");
        public static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
        public static readonly JsonEncodedText ShortType = JsonEncodedText.Encode("short_type");
        public static readonly JsonEncodedText Version = JsonEncodedText.Encode("version");
        public static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
        public static readonly JsonEncodedText Source = JsonEncodedText.Encode("source");
        public static readonly JsonEncodedText Priority = JsonEncodedText.Encode("priority");
        public static readonly JsonEncodedText Severity = JsonEncodedText.Encode("severity");
        public static readonly JsonEncodedText CorrelationId = JsonEncodedText.Encode("correlation_id");
        public static readonly JsonEncodedText CausationId = JsonEncodedText.Encode("causation_id");
        public static readonly JsonEncodedText Stream = JsonEncodedText.Encode("stream");
        public static readonly JsonEncodedText RunId = JsonEncodedText.Encode("run_id");
        public static readonly JsonEncodedText Workflow = JsonEncodedText.Encode("workflow");
        public static readonly JsonEncodedText DefinitionVersion = JsonEncodedText.Encode("definition_version");
        public static readonly JsonEncodedText Stage = JsonEncodedText.Encode("stage");
        public static readonly JsonEncodedText Task = JsonEncodedText.Encode("task");
        public static readonly JsonEncodedText Module = JsonEncodedText.Encode("module");
        public static readonly JsonEncodedText Attempt = JsonEncodedText.Encode("attempt");
        public static readonly JsonEncodedText TenantId = JsonEncodedText.Encode("tenant_id");
        public static readonly JsonEncodedText ProjectId = JsonEncodedText.Encode("project_id");
        public static readonly JsonEncodedText ScheduleId = JsonEncodedText.Encode("schedule_id");
        public static readonly JsonEncodedText OwnerEpoch = JsonEncodedText.Encode("owner_epoch");
        public static readonly JsonEncodedText Data = JsonEncodedText.Encode("data");
        public static readonly JsonEncodedText Trace = JsonEncodedText.Encode("trace");
        public static readonly JsonEncodedText TraceId = JsonEncodedText.Encode("trace_id");
        public static readonly JsonEncodedText SpanId = JsonEncodedText.Encode("span_id");
        public static readonly JsonEncodedText Producer = JsonEncodedText.Encode("producer");
        public static readonly JsonEncodedText Service = JsonEncodedText.Encode("service");
        public static readonly JsonEncodedText InstanceId = JsonEncodedText.Encode("instance_id");
        public static readonly JsonEncodedText Hostname = JsonEncodedText.Encode("hostname");
    }
}
