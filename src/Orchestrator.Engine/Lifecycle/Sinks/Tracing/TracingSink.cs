namespace Orchestrator.Engine.Lifecycle.Sinks.Tracing;

/// <summary>Exports the spans that appended events complete.</summary>
internal sealed class TracingSink(Uri? publicUrl)
{
    private readonly SpanLinks _urls = new(publicUrl);

    /// <summary>Whether anybody listens and span ids can be set.</summary>
    public bool Active => SpanWriter.Source.HasListeners() && DerivedSpanId.Works;

    public void Emit(RunTrail trail, AppendedBatch batch)
    {
        // A run is followed even while nobody listens: a listener that comes later still gets the right start times.
        foreach (var recorded in batch.Events)
            trail.Spans.Next(recorded, batch.IsHistory || !Active ? null : span => SpanWriter.Write(trail.Spans.Trace, span), _urls);
    }
}
