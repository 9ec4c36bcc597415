using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Events of one stream that follow each other, none of which was seen before.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Events">At least one.</param>
public readonly record struct StreamPart(StreamId Stream, IReadOnlyList<RecordedEvent> Events);

/// <summary>Sees every event of all writers once, in the order of each stream.</summary>
public interface IEventWatch : IDisposable
{
    /// <summary>Everything that is new since the last look.</summary>
    IEnumerable<StreamPart> Look();
}
