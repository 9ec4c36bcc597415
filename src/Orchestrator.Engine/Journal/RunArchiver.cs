using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>
/// Off the run's path: copies finished runs into their folders, then deletes segments that hold nothing else. What is still open in a
/// segment that is mostly done with is carried forward into the growing one, with the same seq. Of schedules' and nodes' streams
/// the latest events are carried forward and older ones go with their segment.
/// </summary>
internal sealed class RunArchiver
{
    private const double MostlyDone = 0.25;
    private const int CarryBatch = 500;
    private readonly RunPaths _paths;
    private readonly StreamIndex _index;
    private readonly SegmentChain _chain;
    private readonly OwnedFolders _folders;
    private readonly int _systemEvents;
    private readonly long _segmentBytes;
    private readonly ILogger _log;
    private readonly ArchiveSync _sync;
    private readonly Channel<Work> _work = Channel.CreateUnbounded<Work>(new() { SingleReader = true });
    private Func<PendingAppend, ValueTask>? _append;
    private Task _loop = Task.CompletedTask;

    public RunArchiver(RunPaths paths, StreamIndex index, SegmentChain chain, OwnedFolders folders, JsonlJournalOptions options, ILogger log)
    {
        (_paths, _index, _chain, _folders, _log) = (paths, index, chain, folders, log);
        (_systemEvents, _segmentBytes) = (options.SystemStreamEvents, options.SegmentBytes);
        _sync = new(paths);
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
        if (ended.Count == 0) _work.Writer.TryWrite(new(null, null));
    }

    /// <summary>Completes once everything posted before is done.</summary>
    public Task SettledAsync()
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _work.Writer.TryWrite(new(null, settled)) ? settled.Task : Task.CompletedTask;
    }

    /// <summary>Works off what is there; afterwards every finished run is archived and every segment of finished runs gone.</summary>
    public async Task StopAsync()
    {
        _work.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        _chain.CloseCurrent();
        _append = null;   // the writer has stopped: nothing is carried forward any more
        await CompactAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (await _work.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            List<TaskCompletionSource> waiting = [];
            while (_work.Reader.TryRead(out var work))
            {
                if (work.Ended is { Run: { } run }) Archive(work.Ended, run);
                if (work.Settled is not null) waiting.Add(work.Settled);
            }
            if (_chain.Closed().Count > 0) await CompactAsync().ConfigureAwait(false);
            foreach (var settled in waiting) settled.TrySetResult();
        }
    }

    private void Archive(StreamEntry entry, RunId run)
    {
        try
        {
            var path = _paths.EventsOf(run);
            if (_index.ExtentsOf(entry.Id) is not { Count: > 0 } extents) return;   // posted twice
            ArchiveFile.Write(path, extents);
            _sync.Add(path);
            _index.Forget(entry);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalCorruptException)
        {
            _log.ArchiveFailed(e, run);
        }
    }

    private async Task CompactAsync()
    {
        try
        {
            _sync.Run();
            foreach (var segment in _chain.Closed()) await SettleAsync(segment).ConfigureAwait(false);
            _folders.RemoveEmpty(_chain.Closed());
        }
        catch (ObjectDisposedException) { }   // the process ends while something is carried forward: the original stays
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalUnavailableException or JournalCorruptException)
        {
            _log.CompactionFailed(e);
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

    // A share of what is there, so that carried events, which fill a segment of their own, are never carried in circles; and small
    // leftovers of earlier processes that hold no run.
    private bool IsMostlyDone(Segment segment, IReadOnlyList<(StreamEntry Entry, Extent Extent)> live)
    {
        var bytes = live.Where(e => e.Entry.Run is not null || e.Extent.LastSeq > e.Entry.Version - _systemEvents).Sum(e => (long)e.Extent.Length);
        return bytes <= segment.Length * MostlyDone || (segment.Length <= _segmentBytes * MostlyDone && live.All(e => e.Entry.Run is null));
    }

    private async Task CarryAsync(StreamEntry entry, Segment from, IReadOnlyList<Extent> extents)
    {
        var events = new List<RecordedEvent>();
        foreach (var extent in extents) EventLines.Decode(extent, entry.Id, events);
        if (entry.Run is null)
        {
            events.RemoveAll(e => e.Seq <= entry.Version - _systemEvents);
            _index.Drop(entry, from, entry.Version - _systemEvents);
        }
        // Extents of one segment may have others between them only if they were adopted; each piece keeps its order by seq.
        foreach (var chunk in Runs(events).SelectMany(r => r.Chunk(CarryBatch)))
            await _append!(PendingAppend.Rent(entry.Id, 0, chunk, commit: true, carriedFrom: from)).ConfigureAwait(false);
    }

    private static IEnumerable<List<RecordedEvent>> Runs(List<RecordedEvent> events)
    {
        var run = new List<RecordedEvent>();
        foreach (var e in events)
        {
            if (run.Count > 0 && run[^1].Seq + 1 != e.Seq)
            {
                yield return run;
                run = [];
            }
            run.Add(e);
        }
        if (run.Count > 0) yield return run;
    }

    private readonly record struct Work(StreamEntry? Ended, TaskCompletionSource? Settled);
}
