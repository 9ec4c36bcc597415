using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Jsonl;
using Orchestrator.Engine.Journal.Jsonl.Feed;

namespace Orchestrator.Engine.Hosting;

/// <summary>
/// The journal that this process writes: what needs it holds it before there is one; it is opened when the data directory is this process's, and closed at the end.
/// </summary>
/// <param name="store">Where runs are kept.</param>
/// <param name="writer">Name of the folder this process writes.</param>
/// <param name="storage">Told whether the journal and the archives can be written.</param>
internal sealed class NodeJournal(IRunStore store, string writer, JournalDurability durability, StorageHealth storage, ILoggerFactory logs) : IRunJournal
{
    private volatile JsonlRunJournal? _opened;

    /// <summary>The disk it is on; null: that of the store.</summary>
    public Disk? Disk { get; init; }

    /// <summary>Archives nothing before <see cref="StartArchiving"/>: what dead writers have left must not delay those who wait for this process.</summary>
    public bool ArchivesWhenTold { get; init; }

    /// <summary>Which runs this process may append to.</summary>
    public IRunOwnership Ownership => Opened;

    /// <summary>What was found and mended when the journal was opened.</summary>
    public IEnumerable<JournalEvent> Recovered => Opened.Cuts.Select(cut => new JournalTailCut(Relative(cut.Segment), cut.Offset, cut.Bytes, Relative(cut.KeptAs)));

    /// <summary>Since the last append; for ever while it is not open.</summary>
    public TimeSpan Quiet => _opened?.Quiet ?? TimeSpan.MaxValue;

    private JsonlRunJournal Opened => _opened ?? throw new InvalidOperationException("The journal is not open: the orchestrator has not started, or has stopped.");

    /// <summary>Opens it, recovering what an earlier process of the same name has left.</summary>
    /// <exception cref="JournalUnavailableException">The folder cannot be used, or another process holds it.</exception>
    /// <exception cref="JournalCorruptException">Something that was durable is damaged.</exception>
    public void Open() => _opened = JsonlRunJournal.Open(
        new() { DataDirectory = store.Place, Writer = writer, Durability = durability, Disk = Disk ?? store.State.Disk, Storage = storage, ArchivesWhenTold = ArchivesWhenTold },
        logs.CreateLogger<JsonlRunJournal>());

    /// <summary>Opens the order of all events; it grows once it is started.</summary>
    public EventFeed OpenFeed(TimeProvider clock) => Opened.OpenFeed(clock, logs.CreateLogger<EventFeed>());

    /// <summary>Finished runs leave the journal from now on.</summary>
    public void StartArchiving() => Opened.StartArchiving();

    /// <summary>Completes once the runs that have finished so far can be listed as finished.</summary>
    public Task SettledAsync() => Opened.SettledAsync();

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

    // A container disposes of its services in an order of its own; whoever opened it closes it.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Relative(string path) => Path.GetRelativePath(store.Place, path);
}
