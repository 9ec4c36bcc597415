using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Off the run's path: copies finished runs into their folders, then deletes segments that hold nothing else. What is still open in a
/// segment that is mostly done with is carried forward into the growing one, with the same seq. Events of schedules and nodes go into archives of
/// their streams. Making a folder and a file costs more than the run itself where
/// its tasks are small, so it waits for a lull: but not for long, and not with more than a few thousand runs to do.
/// </summary>
internal sealed class RunArchiver : IAsyncDisposable
{
    private const double MostlyDone = 0.25;
    private const int MaxPostponed = 4096;
    private const int Handful = 32;
    private static readonly TimeSpan Lull = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPostponement = TimeSpan.FromSeconds(2);
    private readonly RunPaths _paths;
    private readonly StreamIndex _index;
    private readonly SegmentChain _chain;
    private readonly OwnedFolders _folders;
    private readonly RemovedRuns _removed;
    private readonly StreamArchive _streams;
    private readonly Disk _disk;
    private readonly StorageHealth _storage;
    private readonly ILogger _log;
    private readonly ArchiveSync _sync;
    private readonly Channel<Work> _work = Channel.CreateUnbounded<Work>(new() { SingleReader = true });
    private readonly Queue<(StreamEntry Entry, long At)> _ended = new();
    private readonly List<TaskCompletionSource> _settling = [];
    private readonly SemaphoreSlim _hurry = new(0);
    private bool _isRefused;
    private Func<PendingAppend, ValueTask>? _append;
    private Task _loop = Task.CompletedTask;

    public RunArchiver(RunPaths paths, StreamIndex index, SegmentChain chain, OwnedFolders folders, RemovedRuns removed, JsonlJournalOptions options, ILogger log)
    {
        (_paths, _index, _chain, _folders, _removed, _log) = (paths, index, chain, folders, removed, log);
        (_streams, _disk, _storage) = (new(paths), options.Disk, options.Storage);
        _sync = new(paths, _disk);
    }

    public void Start(Func<PendingAppend, ValueTask> append)
    {
        _append = append;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Runs that ended; none: a segment was closed, see what can go.</summary>
    public void Post(IReadOnlyList<StreamEntry> ended)
    {
        foreach (var entry in ended) _work.Writer.TryWrite(new(entry, null));
        if (ended.Count == 0) Hurry(new(null, null));
    }

    /// <summary>Completes once everything posted before is done.</summary>
    public Task SettledAsync()
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Hurry(new(null, settled)) ? settled.Task : Task.CompletedTask;
    }

    /// <summary>Works off what is there; afterwards every finished run is archived and every segment of finished runs gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        _hurry.Release();
        await _loop.ConfigureAwait(false);
        _chain.CloseCurrent();
        _append = null;   // the writer has stopped: nothing is carried forward any more
        await CompactAsync().ConfigureAwait(false);
    }

    private bool Hurry(Work work)
    {
        if (!_work.Writer.TryWrite(work)) return false;
        _hurry.Release();
        return true;
    }

    private async Task RunAsync()
    {
        while (_ended.Count > 0 || await _work.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var all = await LullAsync().ConfigureAwait(false);
            for (var n = 0; (all || n < Handful) && _ended.TryDequeue(out var next); n++) Archive(next.Entry, next.Entry.Run!.Value);
            if (!all && _ended.Count > 0) continue;   // the lull may be over
            if (_chain.Closed().Count > 0) await CompactAsync().ConfigureAwait(false);
            foreach (var settled in _settling) settled.TrySetResult();
            _settling.Clear();
        }
    }

    /// <summary>
    /// Takes what was posted and waits for the moment to do it. True if all of it is to be done at once: a
    /// segment was closed, on request, or at the end.
    /// </summary>
    private async Task<bool> LullAsync()
    {
        while (!Take())
        {
            if (_chain.Quiet >= Lull || _ended.Count >= MaxPostponed) return false;
            if (_ended.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.At) >= LongestPostponement) return false;
            await _hurry.WaitAsync(Lull).ConfigureAwait(false);
        }
        return true;
    }

    private bool Take()
    {
        var now = false;
        while (_work.Reader.TryRead(out var work))
        {
            if (work.Ended is { Run: not null }) _ended.Enqueue((work.Ended, Stopwatch.GetTimestamp()));
            now |= work.Ended is null;
            if (work.Settled is not null) _settling.Add(work.Settled);
        }
        return now || _work.Reader.Completion.IsCompleted;
    }

    private void Archive(StreamEntry entry, RunId run)
    {
        if (_folders.AnyLost) return;   // the process that took the folder over does it
        try
        {
            var path = _paths.EventsOf(run);
            if (_index.ExtentsOf(entry.Id) is not { Count: > 0 } extents) return;   // posted twice
            // An earlier process may have done it and died, or kept the segment for another run: an archive that is whole stays as old as it is, or followers would tell it again.
            var isWhole = File.Exists(path) && ArchiveFile.End(path, entry.Id)?.Seq == entry.Version;
            // Looked up in this order: what was removed was whole before, and noted before it went. Written again it would be back.
            if (isWhole || !_removed.Contains(run))
            {
                if (!isWhole) ArchiveFile.Write(path, extents, _disk);
                _sync.Add(path);
            }
            _index.Forget(entry);
            if (!_isRefused) _storage.Accepted(StoragePart.Archive);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalCorruptException)
        {
            _log.ArchiveFailed(e, run);
            _storage.Refused(StoragePart.Archive, $"run {run} cannot be archived: {e.Message}");
        }
    }

    private async Task CompactAsync()
    {
        if (_folders.AnyLost) return;
        try
        {
            _sync.Run();
            foreach (var segment in _chain.Closed())
                try { await SettleAsync(segment).ConfigureAwait(false); }
                catch (JournalCorruptException e) { _log.CompactionFailed(e); }   // this one stays; the others go
            _folders.RemoveEmpty(_chain.Closed());
            _isRefused = false;
            _storage.Accepted(StoragePart.Archive);
        }
        catch (ObjectDisposedException) { }   // the process ends while something is carried forward: the original stays
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalUnavailableException or JournalCorruptException)
        {
            _log.CompactionFailed(e);
            if (e is not (IOException or UnauthorizedAccessException)) return;   // an append is the journal's to tell of
            _isRefused = true;
            _storage.Refused(StoragePart.Archive, $"archives below {_paths.Root} cannot be made durable: {e.Message}");
        }
    }

    private async Task SettleAsync(Segment segment)
    {
        var live = _index.In(segment);
        if (live.Count > 0)
        {
            if (_append is null || !IsMostlyDone(segment, live)) return;
            foreach (var stream in live.GroupBy(e => e.Entry)) await CarryAsync(stream.Key, segment, [.. stream.Select(s => s.Extent)]).ConfigureAwait(false);
            if (_index.In(segment).Count > 0) return;
        }
        _chain.Delete(segment);
        _log.SegmentDeleted(segment.Path);
    }

    // A share of what is there, so that carried events, which fill a segment of their own, are never carried in circles.
    private static bool IsMostlyDone(Segment segment, IReadOnlyList<(StreamEntry Entry, Extent Extent)> live) =>
        live.Where(e => e.Entry.Run is not null).Sum(e => (long)e.Extent.Length) <= segment.Length * MostlyDone;

    private async Task CarryAsync(StreamEntry entry, Segment from, IReadOnlyList<Extent> extents)
    {
        if (entry.Run is null)
        {
            // With what stands before them in other segments, so that the archive has no hole.
            var upTo = extents.Max(e => e.LastSeq);
            _streams.Append(entry.Id, _index.ExtentsOf(entry.Id).Where(e => e.LastSeq <= upTo), _disk);
            _index.Drop(entry, upTo);
            return;
        }
        var events = new List<RecordedEvent>();
        foreach (var extent in extents) EventLines.Decode(extent, entry.Id, events);
        // Extents of one segment may have others between them only if they were adopted; each piece keeps its order by seq.
        foreach (var piece in Pieces(events))
            await _append!(PendingAppend.Rent(entry.Id, 0, 0, piece, commit: true, carriedFrom: from)).ConfigureAwait(false);
    }

    private static IEnumerable<List<RecordedEvent>> Pieces(List<RecordedEvent> events)
    {
        var piece = new List<RecordedEvent>();
        foreach (var e in events)
        {
            if (piece.Count > 0 && piece[^1].Seq + 1 != e.Seq)
            {
                yield return piece;
                piece = [];
            }
            piece.Add(e);
        }
        if (piece.Count > 0) yield return piece;
    }

    // A class: a queue of a value type would be compiled at start.
    private sealed record Work(StreamEntry? Ended, TaskCompletionSource? Settled);
}
