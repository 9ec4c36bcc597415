using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Events of one stream that follow each other in the durable order of all events, without their content.</summary>
/// <param name="First">Position of the first; the others follow.</param>
/// <param name="Stream">The stream.</param>
/// <param name="FirstSeq">Seq of the first.</param>
/// <param name="Count">How many.</param>
/// <param name="EndsRun">The last of them ends its run.</param>
public readonly record struct FeedRecord(long First, StreamId Stream, long FirstSeq, int Count, bool EndsRun)
{
    /// <summary>Position of the last.</summary>
    public long Last => First + Count - 1;

    /// <summary>Seq of the last.</summary>
    public long LastSeq => FirstSeq + Count - 1;
}

/// <summary>Events of one stream at their positions; none where they are gone, because the run was removed meanwhile.</summary>
/// <param name="Record">Which events.</param>
/// <param name="Events">Those that are still there.</param>
public sealed record FeedPart(FeedRecord Record, IReadOnlyList<RecordedEvent> Events)
{
    /// <summary>Where one of its events stands: the first of them may be gone.</summary>
    public long PositionOf(RecordedEvent e) => Record.First + (e.Seq - Record.FirstSeq);

    /// <summary>How many events after a position are gone.</summary>
    public long GoneBehind(long after) => Record.Last - Math.Max(Record.First - 1, after) - Events.Count(e => PositionOf(e) > after);
}

/// <summary>
/// Every event of the journal in one durable order, for readers that want all of them and may fall behind: subscribers over HTTP and delivering sinks. A
/// position is a number given out once; it survives restarts. Readers learn of an event only after it is durable in the journal.
/// </summary>
public interface IEventFeed
{
    /// <summary>The position of the last event so far.</summary>
    long End { get; }

    /// <summary>The first position that can still be read.</summary>
    long Begin { get; }

    /// <summary>How far each stream had been told when this was opened, as far as its end was not.</summary>
    IReadOnlyDictionary<StreamId, long> ToldBefore { get; }

    /// <summary>Parts with events after a position, oldest first; empty when there is nothing after it.</summary>
    Task<IReadOnlyList<FeedPart>> ReadAsync(long after, CancellationToken stop);

    /// <summary>Completes when there is something after a position.</summary>
    Task BehindAsync(long position, CancellationToken stop);

    /// <summary>Keeps the events after a position that a reader still needs.</summary>
    void Hold(Func<long> position);

    /// <summary>Something was appended: looks at once. Never blocks.</summary>
    void Wake();
}

/// <summary>The stored order of events, read while another process may extend it.</summary>
public interface IFeedRecords : IDisposable
{
    /// <summary>Every record, oldest first.</summary>
    IEnumerable<FeedRecord> All();

    /// <summary>When the first record that is kept was made; later where that is not known.</summary>
    DateTimeOffset BornAt { get; }

    /// <summary>The events of a record; empty when they are gone.</summary>
    Task<IReadOnlyList<RecordedEvent>> EventsAsync(FeedRecord record, CancellationToken stop);
}
