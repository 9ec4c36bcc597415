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
    /// <exception cref="JournalConflictException">The stream is at another version: somebody else owns it.</exception>
    /// <exception cref="JournalUnavailableException">The disk is full, read-only or broken; nothing of the batch was acknowledged.</exception>
    ValueTask AppendAsync(StreamId stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, AppendDurability durability);

    /// <summary>Whether a run was ever accepted: it is open, finished, or was finished and removed since. What a folder holds says nothing about that.</summary>
    ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop);

    /// <summary>All events of a stream in order; nothing when there is no such stream.</summary>
    IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, CancellationToken stop);

    /// <summary>The last events of a stream, in order, at most so many.</summary>
    async ValueTask<IReadOnlyList<RecordedEvent>> ReadLastAsync(StreamId stream, int most, CancellationToken stop)
    {
        var last = new Queue<RecordedEvent>();
        await foreach (var e in ReadAsync(stream, stop).ConfigureAwait(false))
        {
            last.Enqueue(e);
            if (last.Count > most) last.Dequeue();
        }
        return [.. last];
    }

    /// <summary>Events of all streams behind a position, each with its own position: the cursor of sinks.</summary>
    IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop);
}

/// <summary>An event and its place in the whole journal: a number that only grows within this journal's life.</summary>
public readonly record struct JournalEntry(long Position, RecordedEvent Recorded);

/// <summary>The stream has another version than the writer believed: another owner holds it.</summary>
public sealed class JournalConflictException(StreamId stream, long expected, long actual)
    : Exception($"Stream {stream} is at version {actual}, not {expected}: another process owns it.");

/// <summary>The journal cannot take writes now. The message names the folder and the remedy.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
