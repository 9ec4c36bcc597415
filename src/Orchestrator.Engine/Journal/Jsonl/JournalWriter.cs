using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// The one thread that writes. It takes everything that is queued, encodes it into one buffer, writes once and syncs once if any of it
/// is to be committed: no timer, the queue fills while the disk works. An append that only needs to be written joins the next commit.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private const int MaxQueued = 200_000;
    private const int ChunkBytes = 4 << 20;
    private const int MaxProbeBytes = 1 << 20;
    private static readonly TimeSpan RelaxedInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly long LongestSpin = Stopwatch.Frequency / 33_000;   // 30 microseconds: about what falling asleep and being woken take

    private readonly JsonlJournalOptions _options;
    private readonly StreamIndex _index;
    private readonly SegmentChain _chain;
    private readonly OwnedFolders _folders;
    private readonly Func<StreamEntry, long> _archivedVersion;
    private readonly Action<IReadOnlyList<StreamEntry>> _published;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly LineBuffer _buffer = new();
    private readonly JournalCodec _codec = new();
    private readonly List<PendingAppend> _group = [];
    private readonly List<StreamEntry> _ended = [];
    private CommitPlace _place;
    private int _lines;
    private List<PendingAppend> _queue = [];
    private List<PendingAppend> _taken = [];
    private readonly ShortRest _rest = new();
    private volatile bool _hasQueued;
    private bool _waiting;
    private volatile bool _stopping;
    private bool _failing;
    private bool _lost;
    private int _refusedBytes;

    public JournalWriter(JsonlJournalOptions options, StreamIndex index, SegmentChain chain, OwnedFolders folders, Func<StreamEntry, long> archivedVersion,
        Action<IReadOnlyList<StreamEntry>> published, ILogger log)
    {
        (_options, _index, _chain, _folders, _archivedVersion, _published, _log) = (options, index, chain, folders, archivedVersion, published, log);
        _thread = new Thread(Run) { IsBackground = true, Name = "journal-writer" };
        _thread.Start();
    }

    public ValueTask EnqueueAsync(PendingAppend item)
    {
        var task = item.Task;   // the item may be done and in other hands before this returns
        Enqueue(item);
        return task;
    }

    /// <summary>Completes when everything handed over before is in the journal, or refused.</summary>
    public ValueTask PassedAsync() => EnqueueAsync(PendingAppend.Rent(default, 0, 0, Array.Empty<RecordedEvent>(), commit: false));

    public void Enqueue(PendingAppend item)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, typeof(JsonlRunJournal));
            if (_queue.Count >= MaxQueued)
                throw new JournalUnavailableException($"{MaxQueued} appends wait for the disk of {_chain.Folder}, which is too slow for this load. Run fewer workflows at once.");
            _queue.Add(item);
            _hasQueued = true;
            if (_waiting) Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (Take())
        {
            foreach (var item in _taken)
            {
                if (!Encode(item)) continue;
                if (_buffer.Length >= ChunkBytes) Flush();
            }
            Flush();
            _taken.Clear();
        }
    }

    private bool Take()
    {
        // A caller that waited for the last commit often has its next append ready within microseconds.
        if (_rest.IsWorthwhile) _rest.Tell(SpinUntilQueued());
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_stopping) return false;
                _waiting = true;
                var pulsed = IdleLimit is { } limit ? Monitor.Wait(_gate, limit) : Monitor.Wait(_gate);
                _waiting = false;
                if (!pulsed && _queue.Count == 0) break;
            }
            (_queue, _taken) = (_taken, _queue);
            _hasQueued = false;
            return true;
        }
    }

    /// <summary>How long the writer may stay idle; null: until something is queued.</summary>
    private TimeSpan? IdleLimit => _failing ? ProbeInterval : _options.Durability == JournalDurability.Relaxed && _chain.Dirty ? RelaxedInterval : null;

    private bool SpinUntilQueued()
    {
        for (var end = Stopwatch.GetTimestamp() + LongestSpin; !_hasQueued && !_stopping && Stopwatch.GetTimestamp() < end;) Thread.SpinWait(20);
        return _hasQueued;
    }

    /// <summary>Checks the version and puts the lines into the buffer; a refused append changes nothing.</summary>
    private bool Encode(PendingAppend item)
    {
        if (item.IsBarrier)
        {
            if (_group.Count > 0) Flush();
            item.Complete();
            return false;
        }
        var start = _buffer.Length;
        try
        {
            var entry = item.Entry = _index.GetOrAdd(item.Stream);
            if (item.CarriedFrom is null)
            {
                if (item.Epoch < entry.Epoch) throw JournalConflictException.Claimed(item.Stream);
                if (entry.Pending == 0 && _archivedVersion(entry) is > 0 and var archived)
                {
                    if (entry.Run is null) _index.GoOn(entry, archived);
                    else
                    {
                        _index.Forget(entry);
                        throw new JournalConflictException(item.Stream, item.Expected, archived);
                    }
                }
                if (entry.Ended || entry.Pending != item.Expected)
                {
                    if (entry is { Pending: 0 }) _index.Forget(entry);
                    throw new JournalConflictException(item.Stream, item.Expected, entry.Pending);
                }
            }
            if (_group.Count == 0) (_place, _lines) = (_chain.Next(), 0);
            Write(item);
            if (item.CarriedFrom is null) entry.Pending = item.Expected + item.Events.Count;
            _group.Add(item);
            return true;
        }
        catch (Exception e)
        {
            _buffer.Length = start;
            item.Fail(IsOfTheDisk(e) ? Unreadable(item.Stream, e) : e);
            return false;
        }
    }

    private void Write(PendingAppend item)
    {
        var (start, count) = (_buffer.Length, item.Events.Count);
        var before = _place.Lines + _lines;
        for (var i = 0; i < count; i++) _codec.Write(_buffer, item.Events[i], new(_place.Commit, _place.From, i == count - 1 ? before + count : 0));
        (item.Offset, item.Length) = (start, _buffer.Length - start);
        _lines += count;
    }

    // The segment was full: what is in hand stands at the beginning of the next one.
    private void WriteAnew()
    {
        (_place, _lines, _buffer.Length) = (_chain.Next(), 0, 0);
        foreach (var item in _group) Write(item);
    }

    private void Flush()
    {
        if (_group.Count == 0)
        {
            if (_failing) Probe();
            else RelaxedSync();
            return;
        }
        try
        {
            ThrowIfTaken();
            var commit = _options.Durability == JournalDurability.Committed ? _group.Exists(i => i.Commit) : _chain.SyncIsDue(RelaxedInterval);
            if (_chain.Prepare(_buffer.Length)) WriteAnew();
            var at = _chain.Append(_buffer.Written, _lines, commit);
            ThrowIfTaken();   // who takes over reads only after this process can see that it did: what is acknowledged here is found there
            Works();   // a caller that learns that an append succeeded finds the journal well
            Publish(at);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            Refuse(e);
        }
        catch (JournalConflictException e)
        {
            Lost(e);
            RefuseAll(e);
        }
        _group.Clear();
        _buffer.Length = 0;
    }

    private void Publish(long at)
    {
        foreach (var item in _group)
        {
            var extent = new Extent(_chain.Current!, at + item.Offset, item.Length, item.Events[0].Seq, item.Events.Count);
            if (item.CarriedFrom is { } from) _index.Move(item.Entry!, from, extent);
            else
            {
                var ended = item.Events[^1].Event is WorkflowEnded;
                _index.Publish(item.Entry!, extent, ended);
                if (ended) _ended.Add(item.Entry!);
            }
        }
        // First the archiver, which only takes note: a caller that learns that a run's end is durable may ask for its archive.
        if (_ended.Count > 0 || _chain.TakeRolled()) _published([.. _ended]);
        _ended.Clear();
        foreach (var item in _group) item.Complete();
    }

    private void ThrowIfTaken()
    {
        if (_folders.AnyLost) throw new JournalConflictException(
            $"This process no longer owns the journal in {_chain.Folder}: another process took it over because this one did not answer for {_options.LeaseTime.TotalSeconds:0.#} s, or its files were deleted.");
    }

    private void Refuse(Exception cause)
    {
        _refusedBytes = _buffer.Length;
        Fails(cause);
        RefuseAll(Explain(cause));
    }

    // For good: unlike a full disk this does not pass.
    private void Lost(Exception cause)
    {
        if (!_lost) _log.WriteFailed(cause, _chain.Folder);
        _lost = true;
        _options.Storage.Refused(StoragePart.Journal, cause.Message);
    }

    private void RefuseAll(Exception error)
    {
        foreach (var item in _group)
        {
            item.Entry!.Pending = item.Entry.Version;
            if (item.Entry.Version == 0) _index.Forget(item.Entry);
        }
        foreach (var item in _group) item.Fail(error);
    }

    private JournalUnavailableException Explain(Exception cause) => new(
        $"The journal in {_chain.Folder} cannot be written: {cause.Message} Nothing of this append was kept. "
        + "Free space, or make the folder writable, or move the data directory; later appends are retried.", cause);

    // Not a fault of what was to be written: the same append is tried again.
    private static JournalUnavailableException Unreadable(StreamId stream, Exception cause) =>
        new($"Cannot look up {stream} in the journal: {cause.Message} Nothing of this append was kept; later appends are retried.", cause);

    private void RelaxedSync()
    {
        if (_options.Durability != JournalDurability.Relaxed || !_chain.Dirty) return;
        try { _chain.Sync(); }
        catch (IOException e) { Fails(e); }
    }

    /// <summary>Callers may wait until the journal can be written, so the writer must try.</summary>
    private void Probe()
    {
        try
        {
            _chain.Probe(Math.Clamp(_refusedBytes, 1, MaxProbeBytes));
            Works();
        }
        catch (Exception e) when (IsOfTheDisk(e)) { Fails(e); }
    }

    private void Works()
    {
        if (!_failing) return;
        _failing = false;
        _log.WriteRecovered(_chain.Folder);
        _options.Storage.Accepted(StoragePart.Journal);
    }

    private void Fails(Exception cause)
    {
        if (!_failing) _log.WriteFailed(cause, _chain.Folder);
        _failing = true;
        _options.Storage.Refused(StoragePart.Journal, $"the journal in {_chain.Folder} cannot be written: {cause.Message}");
    }

    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>Writes what is queued, syncs it and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
        try { if (_chain.Dirty) _chain.Sync(); }
        catch (IOException e) { _log.WriteFailed(e, _chain.Folder); }
        _codec.Dispose();
    }
}
