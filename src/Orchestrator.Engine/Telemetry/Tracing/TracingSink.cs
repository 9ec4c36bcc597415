using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// Exports the spans that appended events complete. A run that was not sampled is silent until it fails: then its events are read again and it is
/// exported whole. Nothing is held in memory for it meanwhile.
/// </summary>
internal sealed class TracingSink(LifecycleOptions options)
{
    // What a worker had completed shortly before it was killed may have been waiting in its exporter: 5 s is the usual interval, 10 s a request's patience.
    private static readonly TimeSpan Unsure = TimeSpan.FromSeconds(15);

    private readonly SpanLinks _urls = new(options.PublicUrl);

    /// <summary>Whether anybody listens and span ids can be set.</summary>
    public bool Active => SpanWriter.Source.HasListeners() && DerivedSpanId.Works;

    /// <summary>Begins to follow a run.</summary>
    public RunTrail Follow(AppendedBatch batch, RecordedEvent created) => new(batch, created, options.Files?.DirectoryOf(batch.RunId));

    public ValueTask EmitAsync(RunTrail trail, AppendedBatch batch)
    {
        var (active, sampled) = (Active, trail.Spans.Sampled);
        // A run is followed even without a listener: a listener that comes later still gets the right start times.
        if (batch.IsHistory) FollowHistory(trail, batch, active && sampled);
        else
            foreach (var recorded in batch.Events)
                trail.Spans.Next(recorded, active && sampled ? span => SpanWriter.Write(trail.Spans.Trace, span) : null, _urls);
        return active && !sampled && !batch.IsHistory && batch.Events is [.., { Event: WorkflowFailed }] ? ReplayAsync(batch, trail.Spans.Trace) : ValueTask.CompletedTask;
    }

    /// <summary>
    /// Events of a worker that is gone. Spans that it completed last may never have left it, and others hang below them: they are exported again, with
    /// the same ids and a mark. A backend that has them already can tell by the id.
    /// </summary>
    private void FollowHistory(RunTrail trail, AppendedBatch batch, bool export)
    {
        var since = batch.Events is [.., { Time: var last }] ? last - Unsure : DateTimeOffset.MaxValue;
        foreach (var recorded in batch.Events)
            trail.Spans.Next(recorded, export && recorded.Time >= since ? span => SpanWriter.Write(trail.Spans.Trace, span.With(TelemetryNames.Repeated, true)) : null, _urls);
    }

    private async ValueTask ReplayAsync(AppendedBatch batch, RunTrace trace)
    {
        if (options.History is not { } history) return;
        RunSpans? spans = null;
        await foreach (var recorded in history(batch.RunId).ConfigureAwait(false))
        {
            if (recorded.Event is WorkflowCreated) spans = new RunSpans(batch.RunId, batch.Definition, recorded, options.Files?.DirectoryOf(batch.RunId));
            spans?.Next(recorded, span => SpanWriter.Write(trace with { Sampled = true }, span.With(TelemetryNames.SampledBecause, "failed")), _urls);
        }
    }
}
