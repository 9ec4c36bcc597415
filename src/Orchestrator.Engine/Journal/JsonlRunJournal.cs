using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal;

/// <summary>A run without a terminal event, found in the journal: what a dead process has left.</summary>
public sealed record AdoptedRun(RunId RunId, IReadOnlyList<RecordedEvent> Events);

/// <summary>
/// The journal in files: segments of this process below <c>journal/{writer}/</c>, each an append-only file of lines. Disposing it
/// archives what is finished and removes the folder if nothing is left in it.
/// </summary>
public sealed class JsonlRunJournal : IRunJournal, ITellingJournal, IDurableExtent
{
    private const int PageSize = 256;
    private readonly RemovedRuns _removed;
    private readonly RunPaths _paths;
    private readonly StreamIndex _index = new();
    private readonly StreamArchive _streams;
    private readonly OwnedFolders _folders;
    private readonly SegmentChain _chain;
    private readonly RunArchiver _archiver;
    private readonly JournalWriter _writer;
    private readonly JsonlJournalOptions _options;
    private readonly ILogger _log;
    private readonly List<CutTail> _cuts = [];
    private bool _disposed;

    private JsonlRunJournal(JsonlJournalOptions options, RunPaths paths, string folder, OwnedFolders folders, LoadedFolder loaded, ILogger log)
    {
        (_options, _paths, _folders, _log, _removed) = (options, paths, folders, log, new(paths));
        _streams = new(paths);
        _chain = new(folder, options.Writer, loaded, options);
        if (loaded.Cut is { } cut) _cuts.Add(cut);
        _archiver = new(paths, _index, _chain, folders, options, log);
        if (loaded.Appends.Count > 0) SegmentLoader.Index(_index, paths, loaded.Appends);
        _chain.AddClosed(loaded.Segments);
        _writer = new(options, _index, _chain, ArchivedVersion, _archiver.Post, log);
        if (!options.ArchivesWhenTold) StartArchiving();
        if (loaded.Appends.Count > 0) PostEnded();
    }

    /// <summary>What was cut from the ends of segments since this was opened: bytes that were never acknowledged.</summary>
    public IReadOnlyList<CutTail> Cuts => _cuts;

    long? IDurableExtent.AcknowledgedLength(string segment) => _chain.LengthOf(segment);

    /// <summary>Opens this process's folder, recovering what an earlier process of the same name has left there.</summary>
    /// <exception cref="JournalUnavailableException">The folder cannot be used, or another process holds it.</exception>
    /// <exception cref="JournalCorruptException">Something that was durable is damaged.</exception>
    public static Task<JsonlRunJournal> OpenAsync(JsonlJournalOptions options, ILogger? log = null)
    {
        Check(options);
        return Task.Run(() => Open(options, log));
    }

    /// <summary>The same on this thread: for a process that has nothing else to do before.</summary>
    internal static JsonlRunJournal Open(JsonlJournalOptions options, ILogger? log)
    {
        Check(options);
        return OpenChecked(options, log ?? NullLogger.Instance);
    }

    private static void Check(JsonlJournalOptions options)
    {
        if (options.Writer.Length is 0 or > 100 || options.Writer[0] == '.' || !options.Writer.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            throw new ArgumentException($"'{options.Writer}' cannot name a writer: use 1 to 100 letters, digits, '.', '_' or '-', not starting with '.'.", nameof(options));
    }

    private static JsonlRunJournal OpenChecked(JsonlJournalOptions options, ILogger log)
    {
        var paths = new RunPaths(options.DataDirectory) { Disk = options.Disk };
        var folder = Path.Combine(paths.Journal, options.Writer);
        var folders = new OwnedFolders(folder, options.Disk);
        try
        {
            JournalFolder.Create(paths, folder, options.Disk);
            folders.Add(folder, OwnedFolders.TryLock(options.Disk, folder) ?? throw new JournalUnavailableException(
                $"Another process writes the journal in {folder}. Stop it, or give this one another name."));
            var loaded = SegmentLoader.Load(paths, folder, options.Disk, log);
            var journal = new JsonlRunJournal(options, paths, folder, folders, loaded, log);
            log.Opened(folder, journal._index.All().Count, loaded.Segments.Count);
            return journal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            folders.Dispose();
            throw JournalFolder.Explain(folder, e);
        }
        catch
        {
            folders.Dispose();
            throw;
        }
    }

    /// <summary>Finished runs are archived from now on, those found at the opening first.</summary>
    internal void StartArchiving() => _archiver.Start(_writer.EnqueueAsync);

    /// <summary>
    /// Takes over the folders of writers that are dead and returns every open run this process now owns. Only `serve` calls this, before its
    /// first append. Segments stay where they are; what follows goes to this process's own.
    /// </summary>
    public Task<IReadOnlyList<AdoptedRun>> AdoptDeadWritersAsync() => Task.Run<IReadOnlyList<AdoptedRun>>(() =>
    {
        Adopt(_ => true);
        return Settled(() => OpenRuns.Read(_index, (run, damage) => _log.RunLeftAlone(damage, run)));
    });

    /// <summary>Takes over the folders that hold one run; null when no dead writer has left it open.</summary>
    public Task<AdoptedRun?> AdoptRunAsync(RunId run) => Task.Run(() =>
    {
        var stream = StreamId.Run(run);
        Adopt(folder => Segment.In(folder).Any(s => SegmentScan.Read(s.Path, BadLine.Stop).Appends.Any(a => a.Stream == stream)));
        return _index.All().FirstOrDefault(e => e.Id == stream && !e.Ended) is { } entry ? Settled(() => ReadOpen(entry)) : null;
    });

    // Nothing may know of the segments before the index does: what is in no index counts as done with and is deleted.
    private void Adopt(Func<string, bool> wanted)
    {
        var adopted = new List<(string Folder, DirectoryLock Held, LoadedFolder Loaded)>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(_paths.Journal).Order(StringComparer.Ordinal))
            {
                if (_folders.Holds(folder) || TryTake(folder, wanted) is not { } held) continue;
                adopted.Add((folder, held, LoadedFolder.Empty));
                adopted[^1] = (folder, held, SegmentLoader.Load(_paths, folder, _options.Disk, _log));
            }
            SegmentLoader.Index(_index, _paths, adopted.SelectMany(a => a.Loaded.Appends));
        }
        catch
        {
            foreach (var (_, held, loaded) in adopted)
            {
                foreach (var segment in loaded.Segments) segment.Dispose();
                held.Dispose();
            }
            throw;
        }
        foreach (var (folder, held, loaded) in adopted)
        {
            _chain.AddClosed(loaded.Segments);
            _folders.Add(folder, held);
            if (loaded.Cut is { } cut) _cuts.Add(cut);
            _log.Adopted(Path.GetFileName(folder), loaded.Segments.Count);
        }
        PostEnded();
    }

    // A run may have been removed while its segment lived on for others: it stays removed.
    private void PostEnded()
    {
        var ended = _index.All().Where(e => e.Ended).ToList();
        if (ended.Where(e => !File.Exists(_paths.EventsOf(e.Run!.Value))).ToList() is { Count: > 0 } withoutArchive)
        {
            foreach (var gone in withoutArchive.Where(e => _removed.Contains(e.Run!.Value))) _index.Forget(gone);
        }
        _archiver.Post(ended);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop) => new(_index.Contains(StreamId.Run(run)) || File.Exists(_paths.EventsOf(run)) || _removed.Contains(run)
        || (Directory.Exists(_paths.Of(run)) && new SegmentCatalog(_paths).Runs().Contains(run)));   // another process may have it

    private DirectoryLock? TryTake(string folder, Func<string, bool> wanted)
    {
        try { return wanted(folder) ? OwnedFolders.TryLock(_options.Disk, folder) : null; }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException) { return null; }   // its writer has just ended and taken it away
    }

    private AdoptedRun ReadOpen(StreamEntry entry)
    {
        var events = new List<RecordedEvent>();
        foreach (var extent in _index.ExtentsOf(entry.Id)) EventLines.Decode(extent, entry.Id, events);
        return new(entry.Run!.Value, events);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(StreamId stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, AppendDurability durability)
    {
        AppendRules.Check(stream, expectedVersion, events);
        return _writer.EnqueueAsync(PendingAppend.Rent(stream, expectedVersion, events, durability == AppendDurability.Committed));
    }

    void ITellingJournal.Append(StreamId stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, AppendDurability durability, ICommitListener listener)
    {
        AppendRules.Check(stream, expectedVersion, events);
        var item = PendingAppend.Rent(stream, expectedVersion, events, durability == AppendDurability.Committed);
        item.Listener = listener;
        _writer.Enqueue(item);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var e in ReadStream(stream))
        {
            stop.ThrowIfCancellationRequested();
            yield return e;
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Ends at the last event there is now; the last million appends are kept for cursors, finished runs are read from their archive.</remarks>
    public async IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, [EnumeratorCancellation] CancellationToken stop)
    {
        while (_index.After(after, PageSize) is { Count: > 0 } page)
            foreach (var placed in page)
                foreach (var e in ReadPlaced(placed))
                {
                    stop.ThrowIfCancellationRequested();
                    var position = placed.Position + e.Seq - placed.Extent.FirstSeq;
                    if (position > after) yield return new(after = position, e);
                }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    private List<RecordedEvent> ReadPlaced(Placed placed)
    {
        var events = new List<RecordedEvent>();
        try { EventLines.Decode(placed.Extent, placed.Entry.Id, events); }
        catch (ObjectDisposedException)
        {
            events = [.. ReadStream(placed.Entry.Id).Where(e => e.Seq >= placed.Extent.FirstSeq && e.Seq <= placed.Extent.LastSeq)];
        }
        return events;
    }

    private List<RecordedEvent> ReadStream(StreamId stream)
    {
        return Settled(() =>
        {
            var extents = _index.ExtentsOf(stream);
            var isRun = stream.TryGetRun(out var run);
            if (isRun && extents.Count == 0) return ArchiveFile.Read(_paths.EventsOf(run), stream, null);
            var events = new List<RecordedEvent>();
            foreach (var extent in extents) EventLines.Decode(extent, stream, events);
            if (isRun) return events;
            // In this order: what leaves the segments meanwhile is in the archive by then.
            List<RecordedEvent> archived = [.. _streams.Read(stream)];
            var last = archived.Count == 0 ? 0 : archived[^1].Seq;
            return [.. archived, .. events.Where(e => e.Seq > last)];
        });
    }

    // What stands in a segment may be archived or carried forward while it is read, from the journal's opening on, and the segment deleted: then it is looked for again.
    private static T Settled<T>(Func<T> read)
    {
        for (var attempt = 0; ; attempt++)
        {
            try { return read(); }
            catch (ObjectDisposedException) when (attempt < 10) { }
        }
    }

    private long ArchivedVersion(RunId run) => ArchiveFile.End(_paths.EventsOf(run), StreamId.Run(run))?.Seq ?? 0;
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RecordedEvent>> ReadLastAsync(StreamId stream, int most, CancellationToken stop) => new(Settled(() =>
    {
        var events = new List<RecordedEvent>();
        var (extents, count) = (_index.ExtentsOf(stream), 0);
        var first = extents.Count;
        while (first > 0 && count < most) count += extents[--first].Count;
        for (var i = first; i < extents.Count; i++) EventLines.Decode(extents[i], stream, events);
        if (count >= most || stream.TryGetRun(out _)) return count >= most ? events[^most..] : [.. ReadStream(stream).TakeLast(most)];
        var last = _streams.LastSeq(stream);
        IReadOnlyList<RecordedEvent> all = [.. _streams.Read(stream, Math.Max(0, last - (most - count))), .. events.Where(e => e.Seq > last)];
        return all;
    }));

    private long ArchivedVersion(StreamEntry entry) => entry.Run is { } run ? ArchivedVersion(run) : _streams.LastSeq(entry.Id);

    /// <summary>Completes once finished runs are archived and segments that can go are gone.</summary>
    internal Task SettledAsync() => _archiver.SettledAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await Task.Run(_writer.Dispose).ConfigureAwait(false);
        await _archiver.DisposeAsync().ConfigureAwait(false);
        _folders.Leave();
        _chain.Dispose();
        _folders.Dispose();
    }
}
