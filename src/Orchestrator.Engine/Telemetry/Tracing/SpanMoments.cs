using System.Diagnostics;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>Moments of a span that is still open; at most 128, as exporters take no more.</summary>
internal static class SpanMoments
{
    private const int Most = 128;

    /// <summary>A moment named after a lifecycle event, with attributes; null ones are left out.</summary>
    public static void Note(this List<ActivityEvent> moments, string type, DateTimeOffset time, params ReadOnlySpan<(string Name, object? Value)> attributes)
    {
        if (moments.Count == Most) return;
        ActivityTagsCollection? tags = null;
        foreach (var (name, value) in attributes)
            if (value is not null) (tags ??= []).Add(name, value);
        moments.Add(new(TelemetryNames.EventPrefix + type, time, tags));
    }
}
