using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry;

/// <summary>What the sinks remember of one run. Used by the queue's one reader only, apart from its making.</summary>
internal sealed class RunTrail
{
    public RunTrail(AppendedBatch batch, RecordedEvent created, string? runDirectory)
    {
        Created = created;
        Spans = new RunSpans(batch.RunId, batch.Definition, created, runDirectory);
    }

    public RecordedEvent Created { get; }

    public RunSpans Spans { get; }

    /// <summary>Made by the first who needs it.</summary>
    public EnvelopeProjection? Envelopes { get; set; }
}
