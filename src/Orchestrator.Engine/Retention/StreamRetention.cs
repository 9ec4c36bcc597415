using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Retention;

/// <summary>
/// Lets go of old events of schedules and workers, in parts of about a MiB, never the latest part of a stream. What the first part begins with is the
/// low-water mark: nothing at or below it comes back, since a stream goes on from its last event.
/// </summary>
/// <param name="removal">Removes them.</param>
/// <param name="age">How long events are kept; null: for ever.</param>
/// <param name="count">How many events of one stream are kept at least; null: all.</param>
/// <param name="clock">What time it is.</param>
public sealed class StreamRetention(IRunRemoval removal, TimeSpan? age, int? count, TimeProvider clock)
{
    /// <summary>Removes parts past the limits; returns how many.</summary>
    public int Trim(CancellationToken stop = default) =>
        age is null && count is null ? 0 : removal.TrimStreams(age is { } a ? clock.GetUtcNow() - a : null, count, stop);
}
