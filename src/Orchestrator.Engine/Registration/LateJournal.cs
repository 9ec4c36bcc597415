using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Registration;

/// <summary>The journal on disk, for parts that are built before it can be opened. Whoever opened it closes it.</summary>
internal sealed class LateJournal : IRunJournal
{
    private volatile JsonlRunJournal? _opened;

    private JsonlRunJournal Opened => _opened ?? throw new InvalidOperationException("The journal is not open: the host has not started, or has stopped.");

    public void Open(JsonlRunJournal journal) => _opened = journal;

    public ValueTask AppendAsync(StreamId stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, AppendDurability durability) =>
        Opened.AppendAsync(stream, expectedVersion, events, durability);

    public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, CancellationToken stop) => Opened.ReadAsync(stream, stop);

    public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop) => Opened.ExistsAsync(run, stop);

    public ValueTask<IReadOnlyList<RecordedEvent>> ReadLastAsync(StreamId stream, int most, CancellationToken stop) => Opened.ReadLastAsync(stream, most, stop);

    public IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop) => Opened.ReadAllAsync(after, stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
