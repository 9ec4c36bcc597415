using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Jsonl;

namespace Orchestrator.Engine.Registration;

/// <summary>The journal of an orchestrator inside a host: it is registered when the host is built, opened when the host starts, and closed when it stops.</summary>
internal sealed class EmbeddedJournal(DataDirectory data, StorageHealth storage, ILogger<JsonlRunJournal> log) : IRunJournal
{
    // Only one process holds the directory's lock, so its journal folder can have one name for ever.
    private const string Writer = "worker";
    private volatile JsonlRunJournal? _opened;

    private JsonlRunJournal Opened => _opened ?? throw new InvalidOperationException("The journal is not open: the host has not started, or has stopped.");

    /// <summary>Opens it and takes over what dead processes left.</summary>
    public async Task<IReadOnlyList<AdoptedRun>> OpenAsync(JournalDurability durability)
    {
        var journal = _opened = await JsonlRunJournal.OpenAsync(new() { DataDirectory = data.Place, Writer = Writer, Durability = durability, Storage = storage }, log).ConfigureAwait(false);
        return await journal.ClaimAbandonedAsync().ConfigureAwait(false);
    }

    /// <summary>Closes it, if it was opened.</summary>
    public ValueTask CloseAsync() => _opened?.DisposeAsync() ?? ValueTask.CompletedTask;

    public ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability) =>
        Opened.AppendAsync(stream, expectedVersion, epoch, events, durability);

    public void Append(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability, ICommitListener listener) =>
        Opened.Append(stream, expectedVersion, epoch, events, durability, listener);

    public IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, CancellationToken stop) => Opened.ReadAsync(stream, after, stop);

    public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop) => Opened.ExistsAsync(run, stop);

    public ValueTask<IReadOnlyList<RecordedEvent>> ReadLastAsync(StreamId stream, int most, CancellationToken stop) => Opened.ReadLastAsync(stream, most, stop);

    public IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop) => Opened.ReadAllAsync(after, stop);

    // The host disposes of its services after it has stopped; whoever opened it closes it before.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
