using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Hears what became of an append on the thread that made it durable: it only takes note and returns at once.</summary>
internal interface ICommitListener
{
    void Committed(Exception? error);
}

/// <summary>A journal that tells a listener. For the run loop, which has a commit for every step: a task and a turn of the pool for each would cost more than the note.</summary>
internal interface ITellingJournal
{
    /// <summary>As <see cref="IRunJournal.AppendAsync"/>; what that throws before it has taken the batch, this throws too.</summary>
    void Append(StreamId stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, AppendDurability durability, ICommitListener listener);
}

/// <summary>A journal of which this process reads the files too: it says how far they may be believed.</summary>
internal interface IDurableExtent
{
    /// <summary>
    /// Bytes of a segment that are acknowledged: written, and synced where their append asked for it. What lies behind may still be taken back. Null for a segment that this
    /// journal does not write, or writes no more. To be asked after the file's length was: then no byte of that length is younger than the answer.
    /// </summary>
    long? AcknowledgedLength(string segment);
}
