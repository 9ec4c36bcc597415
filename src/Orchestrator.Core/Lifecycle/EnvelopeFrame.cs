using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>What the envelopes of a stream have in common, as members of JSON, each with a comma before it.</summary>
internal sealed class EnvelopeFrame
{
    private readonly LifecycleEnvelope _of;

    public EnvelopeFrame(LifecycleEnvelope e, StreamId stream)
    {
        (_of, Stream) = (e, stream);
        Source = JsonMembers.Of(json => json.WriteString("source"u8, e.Source));
        Correlation = JsonMembers.Of(json => json.WriteString("correlation_id"u8, e.CorrelationId));
        Run = JsonMembers.Of(json =>
        {
            json.WriteString("stream"u8, stream.ToString());
            if (e.RunId is { } run) json.WriteString("run_id"u8, run.Value); else json.WriteNull("run_id"u8);
            json.WriteString("workflow"u8, e.Workflow);
            json.WriteString("definition_version"u8, e.DefinitionVersion);
        });
        Owner = JsonMembers.Of(json =>
        {
            json.WriteString("tenant_id"u8, e.TenantId);
            json.WriteString("project_id"u8, e.ProjectId);
            json.WriteString("schedule_id"u8, e.ScheduleId);
            json.WriteNumber("owner_epoch"u8, e.OwnerEpoch);
        });
        Producer = JsonMembers.Of(json =>
        {
            json.WriteStartObject("producer"u8);
            json.WriteString("service"u8, e.Producer.Service);
            json.WriteString("instance_id"u8, e.Producer.InstanceId);
            json.WriteString("hostname"u8, e.Producer.Hostname);
            json.WriteString("version"u8, e.Producer.Version);
            json.WriteEndObject();
        });
    }

    public StreamId Stream { get; }

    public byte[] Source { get; }

    public byte[] Correlation { get; }

    public byte[] Run { get; }

    public byte[] Owner { get; }

    public byte[] Producer { get; }

    public int Length => Source.Length + Correlation.Length + Run.Length + Owner.Length + Producer.Length;

    /// <summary>Whether it holds for an envelope. A run's envelopes share the very objects, so looking at them is mostly enough.</summary>
    public bool Fits(LifecycleEnvelope e, StreamId stream) =>
        Same(e.Source, _of.Source) && Same(e.CorrelationId, _of.CorrelationId) && Same(e.Workflow, _of.Workflow) && Same(e.DefinitionVersion, _of.DefinitionVersion)
        && Same(e.TenantId, _of.TenantId) && Same(e.ProjectId, _of.ProjectId) && Same(e.ScheduleId, _of.ScheduleId)
        && e.OwnerEpoch == _of.OwnerEpoch && e.RunId == _of.RunId && Stream == stream && (ReferenceEquals(e.Producer, _of.Producer) || e.Producer == _of.Producer);

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.Ordinal);
}
