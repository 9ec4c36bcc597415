using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// Attributes and events that an executor (a delegate, most likely) put on its ambient activity, until the event comes that makes the attempt's
/// span. Beside the source the only thing of tracing that is one per process: nothing but the span's id is known on both sides.
/// </summary>
internal static class AttemptNotes
{
    private const int Most = 4096;
    private static readonly ConcurrentDictionary<string, Activity> Kept = new(StringComparer.Ordinal);

    public static void Keep(Activity attempt)
    {
        if (Kept.Count >= Most) Kept.Clear();   // their events were dropped on the way: nobody will ask for them
        Kept[attempt.SpanId.ToHexString()] = attempt;
    }

    /// <summary>Adds what was noted to the attempt's span. The program's own names win.</summary>
    public static SpanFacts AddTo(SpanFacts span)
    {
        if (Kept.IsEmpty || !Kept.TryRemove(span.SpanId, out var noted)) return span;
        var own = span.Tags.Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
        span.Tags.AddRange(noted.TagObjects.Where(t => !own.Contains(t.Key)));
        return span with { Moments = [.. span.Moments, .. noted.Events] };
    }
}
