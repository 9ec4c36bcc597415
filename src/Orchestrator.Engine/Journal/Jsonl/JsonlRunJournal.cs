using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal.Jsonl.Feed;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// The journal in files: segments of this process below <c>journal/{writer}/</c>, each an append-only file of lines. Disposing it
/// archives what is finished and removes the folder if nothing is left in it.
/// </summary>
public sealed class JsonlRunJournal : IRunJournal, IRunOwnership
{
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
    private readonly ITimer _renewing;
    private EventFeed? _feed;
    private bool _disposed;

    private JsonlRunJournal(JsonlJournalOptions options, RunPaths paths, string folder, OwnedFolders folders, LoadedFolder loaded, ILogger log)
    {
        (_options, _paths, _folders, _log, _removed) = (options, paths, folders, log, new(paths));
        _streams = new(paths);
        _chain = new(folder, options.Writer, loaded, options);
        if (loaded.Cut is { } cut) _cuts.Add(cut);
        _archiver = new(paths, _index, _chain, folders, _removed, options, log);
        if (loaded.Appends.Count > 0) SegmentLoader.Index(_index, paths, loaded.Appends);
        _chain.AddClosed(loaded.Segments);
        _writer = new(options, _index, _chain, folders, ArchivedVersion, _archiver.Post, log);
        _renewing = TimeProvider.System.CreateTimer(_ => Renew(), null, LeaseTime / 3, LeaseTime / 3);
        if (!options.ArchivesWhenTold) StartArchiving();
        if (loaded.Appends.Count > 0) PostEnded();
    }

    /// <summary>What was cut from the ends of segments since this was opened: bytes that were never acknowledged.</summary>
    public IReadOnlyList<CutTail> Cuts => _cuts;

    /// <inheritdoc/>
    public TimeSpan LeaseTime => _options.LeaseTime;

    /// <summary>
    /// Bytes of a segment that are acknowledged: written, and synced where their append asked for it. Later bytes may still be cut. Null for a segment
    /// that this journal does not write, or writes no more. To be asked after the file's length was: then
    /// no byte of that length is younger than the answer.
    /// </summary>
    internal long? AcknowledgedLength(string segment) => _chain.LengthOf(segment);

    /// <summary>
    /// Opens the order of all events, for <see cref="ReadAllAsync"/> and for readers that follow it. It grows once it is
    /// started, and ends with this journal at the latest.
    /// </summary>
    internal EventFeed OpenFeed(TimeProvider clock, ILogger<EventFeed> log) => _feed ??= new(_paths, this, clock, log) { Storage = _options.Storage };

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
            var held = OwnedFolders.TryLock(options.Disk, folder) ?? throw new JournalUnavailableException(
                $"Another process writes the journal in {folder}. Stop it, or give this one another name.");
            folders.Add(folder, held);
            var loaded = SegmentLoader.Load(paths, folder, options.Disk, log);
            OwnedFolders.Note(held);
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

    /// <inheritdoc/>
    /// <remarks>
    /// Takes over the folders of writers that are dead and returns every open run this process now owns. Only `serve` calls this, before its
    /// first append. Segments stay where they are; what follows goes to this process's own.
    /// </remarks>
    public Task<IReadOnlyList<AdoptedRun>> ClaimAbandonedAsync() => Task.Run<IReadOnlyList<AdoptedRun>>(() =>
    {
        Adopt(TryTake);
        return [.. Settled(() => OpenRunReader.Read(_index, (run, damage) => _log.RunLeftAlone(damage, run))).Select(r => r with { Epoch = _index.Claim(StreamId.Run(r.RunId)) })];
    });

    /// <inheritdoc/>
    /// <remarks>Takes over the folders that hold events of the run.</remarks>
    public async Task<AdoptedRun?> ClaimAsync(RunId run)
    {
        var stream = StreamId.Run(run);
        var epoch = _index.Contains(stream) ? _index.Claim(stream) : 0;
        if (epoch > 0) await _writer.PassedAsync().ConfigureAwait(false);   // what carries the epoch before is in the journal now, or refused
        return await Task.Run(() =>
        {
            Adopt(folder => !Holds(folder, stream) ? null : TryTake(folder) ?? FrozenOwner.TryTake(_paths, folder, LeaseTime, _log));
            if (_index.All().FirstOrDefault(e => e.Id == stream && !e.Ended) is not { } entry) return null;
            return Settled(() => ReadOpen(entry)) with { Epoch = epoch > 0 ? epoch : _index.Claim(stream) };
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool Renew()
    {
        _folders.Renew();
        return !_folders.AnyLost;
    }

    /// <inheritdoc/>
    public void Release(RunId run) => _index.Claim(StreamId.Run(run));

    // Nothing may know of the segments before the index does: what is in no index counts as done with and is deleted.
    private void Adopt(Func<string, DirectoryLock?> take)
    {
        var adopted = new List<(string Folder, DirectoryLock Held, LoadedFolder Loaded)>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(_paths.Journal).Order(StringComparer.Ordinal))
            {
                if (_folders.Holds(folder) || take(folder) is not { } held) continue;
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

    private DirectoryLock? TryTake(string folder)
    {
        try { return OwnedFolders.TryLock(_options.Disk, folder); }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException) { return null; }   // its writer has just ended and taken it away
    }

    private static bool Holds(string folder, StreamId stream)
    {
        try { return Segment.In(folder).Any(s => SegmentScan.Read(s.Path, BadLine.Stop).Appends.Any(a => a.Stream == stream)); }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException) { return false; }
    }

    private AdoptedRun ReadOpen(StreamEntry entry)
    {
        var events = new List<RecordedEvent>();
        foreach (var extent in _index.ExtentsOf(entry.Id)) EventLines.Decode(extent, entry.Id, events);
        return new(entry.Run!.Value, events);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability)
    {
        AppendRules.Check(stream, expectedVersion, events);
        return _writer.EnqueueAsync(PendingAppend.Rent(stream, expectedVersion, epoch, events, durability == AppendDurability.Committed));
    }

    /// <inheritdoc/>
    public void Append(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability, ICommitListener listener)
    {
        AppendRules.Check(stream, expectedVersion, events);
        var item = PendingAppend.Rent(stream, expectedVersion, epoch, events, durability == AppendDurability.Committed);
        item.Listener = listener;
        _writer.Enqueue(item);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var e in ReadStream(stream, after))
        {
            stop.ThrowIfCancellationRequested();
            yield return e;
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">This journal was opened without the order of all events.</exception>
    public async IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, [EnumeratorCancellation] CancellationToken stop)
    {
        var feed = _feed ?? throw new InvalidOperationException("This journal keeps no order of all events: open its feed first.");
        await feed.LookAsync(stop).ConfigureAwait(false);
        for (var end = feed.End; after < end && await feed.ReadAsync(after, stop).ConfigureAwait(false) is { Count: > 0 } page;)
            foreach (var part in page)
            {
                foreach (var e in part.Events)
                    if (part.PositionOf(e) is var position && position > after && position <= end) yield return new(position, e);
                after = Math.Max(after, part.Record.Last);
            }
    }

    private List<RecordedEvent> ReadStream(StreamId stream, long after = 0)
    {
        return Settled(() =>
        {
            var extents = _index.ExtentsOf(stream);
            var isRun = stream.TryGetRun(out var run);
            if (isRun && extents.Count == 0) return After(ArchiveFile.Read(_paths.EventsOf(run), stream, null), after);
            var events = new List<RecordedEvent>();
            foreach (var extent in extents)
                if (extent.LastSeq > after) EventLines.Decode(extent, stream, events);
            // A removed run may live on in a segment for others, and in the index until it is archived.
            if (isRun) return events is [.., { Event: WorkflowEnded }] && _removed.Contains(run) ? [] : After(events, after);
            // In this order: what leaves the segments meanwhile is in the archive by then.
            List<RecordedEvent> archived = [.. _streams.Read(stream, after)];
            var last = archived.Count == 0 ? after : archived[^1].Seq;
            return [.. archived, .. events.Where(e => e.Seq > last)];
        });
    }

    private static List<RecordedEvent> After(List<RecordedEvent> events, long after)
    {
        if (after > 0) events.RemoveAll(e => e.Seq <= after);
        return events;
    }

    // What stands in a segment may be archived or carried forward while it is read, from the journal's opening on, and
    // the segment deleted: then it is looked for again.
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

    /// <summary>Since the last append: how long nothing has been going on.</summary>
    internal TimeSpan Quiet => _chain.Quiet;

    /// <summary>Completes once finished runs are archived and segments that can go are gone.</summary>
    internal Task SettledAsync() => _archiver.SettledAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (_feed is { } feed) await feed.DisposeAsync().ConfigureAwait(false);
        await _renewing.DisposeAsync().ConfigureAwait(false);
        await Task.Run(_writer.Dispose).ConfigureAwait(false);
        await _archiver.DisposeAsync().ConfigureAwait(false);
        _folders.Leave();
        _chain.Dispose();
        _folders.Dispose();
    }
}
