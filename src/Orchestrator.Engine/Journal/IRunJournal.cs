using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>How safe an append is when its task completes.</summary>
public enum AppendDurability
{
    /// <summary>On the disk: survives a power cut.</summary>
    Committed,

    /// <summary>With the operating system: survives the process, not a power cut. Joins the next commit.</summary>
    Written,
}

/// <summary>
/// The one place a run's facts live. A batch is atomic: after any crash either all of it is there or nothing.
/// Events become visible to readers in order.
/// </summary>
public interface IRunJournal : IAsyncDisposable
{
    /// <summary>
    /// Appends one batch to one stream. The events' seq follow <paramref name="expectedVersion"/> without a gap.
    /// Completes when the batch is as safe as asked; batches complete in the order they were handed over.
    /// </summary>
    /// <param name="epoch">The run's, as <see cref="IRunOwnership"/> gave it; 0: the stream was never claimed. The journal refuses an earlier epoch than
    /// the stream's latest.</param>
    /// <exception cref="JournalConflictException">The stream is at another version or epoch: another process owns it.</exception>
    /// <exception cref="JournalUnavailableException">The disk is full, read-only or broken; nothing of the batch was acknowledged.</exception>
    ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability);

    /// <summary>
    /// As <see cref="AppendAsync"/>, but a listener hears of the end, on the thread that made the batch durable: for the run loop, which has a commit for
    /// every step. Exceptions thrown before the journal has taken the batch reach the caller instead.
    /// </summary>
    void Append(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability, ICommitListener listener) =>
        CommitReport.Await(AppendAsync(stream, expectedVersion, epoch, events, durability), listener);

    /// <summary>
    /// Whether a run was ever accepted: it is open, finished, or was finished and removed since. What a folder holds says nothing about that.
    /// </summary>
    ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop);

    /// <summary>Events of a stream after one, in order; nothing when there is no such stream.</summary>
    /// <param name="after">Seq of the last event that is not wanted; 0: all are.</param>
    IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, CancellationToken stop);

    /// <summary>The last events of a stream, in order, at most so many.</summary>
    async ValueTask<IReadOnlyList<RecordedEvent>> ReadLastAsync(StreamId stream, int most, CancellationToken stop)
    {
        var last = new Queue<RecordedEvent>();
        await foreach (var e in ReadAsync(stream, 0, stop).ConfigureAwait(false))
        {
            last.Enqueue(e);
            if (last.Count > most) last.Dequeue();
        }
        return [.. last];
    }

    /// <summary>
    /// Events of all streams after a position, up to the last there is now. A position is durable: the same event has it after a restart. Everything a
    /// caller knows to be appended is there; a position skipped belongs to an event that is gone.
    /// </summary>
    /// <param name="after">The last position that is not wanted; 0: all are.</param>
    IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop);
}

/// <summary>An event and its place in the order of all events: a number given out once.</summary>
public readonly record struct JournalEntry(long Position, RecordedEvent Recorded);

/// <summary>The stream has another version or epoch than the writer believed: another owner holds it.</summary>
public sealed class JournalConflictException : Exception
{
    /// <summary>Another version.</summary>
    public JournalConflictException(StreamId stream, long expected, long actual)
        : base($"Stream {stream} is at version {actual}, not {expected}: another process owns it.") { }

    /// <summary>Another owner.</summary>
    public JournalConflictException(string message) : base(message) => IsTakenOver = true;

    /// <summary>Nothing is known of the stream but that this owner may not append to it any more; whether it exists is another question.</summary>
    public bool IsTakenOver { get; }

    /// <summary>Another owner has claimed the stream since.</summary>
    public static JournalConflictException Claimed(StreamId stream) => new($"Another process has taken over {stream}.");
}

/// <summary>The journal cannot take writes now. The message names the folder and the remedy.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
