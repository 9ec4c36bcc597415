using System.Diagnostics;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>Exports a span whose whole life is in the past, with its derived id.</summary>
internal static class SpanWriter
{
    // The one static that is allowed: sources are process-wide by design.
    public static readonly ActivitySource Source = new(TelemetryNames.Source, typeof(SpanWriter).Assembly.GetName().Version?.ToString(3));

    /// <summary>False when it is not exported: there is no listener, or its trace is not sampled.</summary>
    public static bool Write(RunTrace trace, SpanFacts span)
    {
        // The parent is always given, if only as a trace without a span: nothing ambient may become the parent.
        using var activity = Source.CreateActivity(span.Name, span.Kind, trace.Context(span.ParentSpanId), span.Tags, span.Links);
        if (activity is null || !activity.IsAllDataRequested) return false;
        Activity.Current = null;
        activity.SetStartTime(span.Start.UtcDateTime);
        activity.Start();
        DerivedSpanId.Set(activity, span.SpanId);
        foreach (var moment in span.Moments) activity.AddEvent(moment);
        if (span.Error is { } error) activity.SetStatus(ActivityStatusCode.Error, error);
        activity.SetEndTime(span.End < span.Start ? span.Start.UtcDateTime : span.End.UtcDateTime);
        activity.Stop();
        return true;
    }
}
