using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl.Feed;

/// <summary>The feed's log as it is on disk, for readers beside the process that writes it.</summary>
internal sealed class FeedRecords(RunPaths paths, RunReader reader) : IFeedRecords
{
    private readonly HistoryCache _history = new(reader, (stream, _) => Task.FromResult(reader.ReadSystem(stream)));

    public IEnumerable<FeedRecord> All() => FeedLog.Stored(paths.Feed);

    public DateTimeOffset BornAt => Directory.Exists(paths.Feed) ? FeedLog.BornAt(paths.Feed) : DateTimeOffset.MaxValue;

    public Task<IReadOnlyList<RecordedEvent>> EventsAsync(FeedRecord record, CancellationToken stop) => _history.EventsAsync(record, stop);

    public void Dispose() => _history.Dispose();
}
