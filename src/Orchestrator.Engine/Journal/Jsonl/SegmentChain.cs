using System.Diagnostics;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Where appends stand: number of their commit, the byte where that begins, and how many lines it has before them.</summary>
internal readonly record struct CommitPlace(long Commit, long From, int Lines);

/// <summary>
/// The segments of this process: one that grows, made when first needed, and closed ones. Used by the writer thread, closed ones by the
/// archiver too.
/// </summary>
internal sealed class SegmentChain(string folder, string writer, LoadedFolder loaded, JsonlJournalOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Segment> _closed = [];
    private int _number = loaded.LastNumber;
    private long _commit = loaded.LastCommit + 1;
    private long _lastEnd = loaded.LastEnd;   // of the segment before the growing one
    private long _from;
    private int _lines;
    private long _syncedAt = Stopwatch.GetTimestamp();
    private volatile Segment? _current;
    private long _syncedLength;
    private bool _cut;
    private bool _suspect;
    private bool _shortened;
    private bool _rolled;
    private long _writtenAt = Stopwatch.GetTimestamp();
    private volatile bool _isAppending;

    public string Folder { get; } = folder;

    public Segment? Current
    {
        get => _current;
        private set => _current = value;
    }

    /// <summary>How much of the growing segment counts; null for any other.</summary>
    public long? LengthOf(string path) => Current is { } current && current.Path == path ? current.Length : null;

    /// <summary>Something was written since the last sync.</summary>
    public bool Dirty { get; private set; }

    /// <summary>Since the end of the last append; nothing while there is one, however long the disk takes.</summary>
    public TimeSpan Quiet => _isAppending ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _writtenAt));

    /// <summary>Where what is appended next stands: number and first byte of its commit, and how many lines that has already.</summary>
    public CommitPlace Next() => Dirty ? new(_commit, _from, _lines) : new(_commit, Current?.Length ?? Header(_number + 1).Line().Length, 0);

    public bool SyncIsDue(TimeSpan interval) => Stopwatch.GetElapsedTime(_syncedAt) >= interval;

    /// <summary>
    /// Makes room for so many bytes. True when that is elsewhere than <see cref="Next"/> said before:
    /// prepared lines that name the old place must be rewritten.
    /// </summary>
    public bool Prepare(int length)
    {
        var number = Current?.Number ?? _number + 1;
        if (_cut) Cut();   // still not writable: the append fails with the reason
        if (_suspect)
        {
            WriteAgain();
            Roll();
            _suspect = false;
        }
        if (Current is not null && Current.Length + length > options.SegmentBytes && Current.Length > Header(Current.Number).Line().Length)
        {
            Sync();
            Roll();
        }
        if (Current is null)
        {
            (Current, _number) = (Segment.Create(Folder, Header(_number + 1), options.Disk), _number + 1);
            _syncedLength = Current.Length;
        }
        return Current.Number != number;
    }

    /// <summary>Appends and, if asked, syncs. Returns the offset. On failure nothing of it counts.</summary>
    public long Append(ReadOnlySpan<byte> bytes, int lines, bool commit)
    {
        var segment = Current!;
        var at = segment.Length;
        _isAppending = true;
        try
        {
            options.Disk.Write(segment.Handle, bytes, at);
            if (commit) SyncOrSuspect(segment);
        }
        catch
        {
            _cut = true;
            TryCut();
            throw;
        }
        finally
        {
            Volatile.Write(ref _writtenAt, Stopwatch.GetTimestamp());
            _isAppending = false;
        }
        segment.Length = at + bytes.Length;
        if (!Dirty) (_from, _lines) = (at, 0);
        _lines += lines;
        Dirty = true;
        if (commit) Synced();
        return at;
    }

    /// <summary>
    /// Whether so many bytes could be appended now: writes them after what counts, syncs, and takes them back. Spaces: no reader takes them for a line.
    /// </summary>
    /// <exception cref="IOException">They could not.</exception>
    public void Probe(int length)
    {
        Prepare(length);
        var segment = Current!;
        var spaces = new byte[length];
        spaces.AsSpan().Fill((byte)' ');
        try
        {
            options.Disk.Write(segment.Handle, spaces, segment.Length);
            SyncOrSuspect(segment);
            Synced();
        }
        finally
        {
            _cut = true;
            TryCut();
        }
        if (_cut) throw new IOException($"'{segment.Path}' cannot be shortened.");
    }

    public void Sync()
    {
        if (!Dirty || Current is null) return;
        SyncOrSuspect(Current);
        Synced();
    }

    public bool TakeRolled() => Interlocked.Exchange(ref _rolled, false);

    public IReadOnlyList<Segment> Closed()
    {
        lock (_gate) return [.. _closed];
    }

    public void AddClosed(IEnumerable<Segment> segments)
    {
        lock (_gate) _closed.AddRange(segments);
    }

    /// <summary>Deletes a closed segment; nothing refers to it any more.</summary>
    public void Delete(Segment segment)
    {
        lock (_gate) _closed.Remove(segment);
        options.Disk.Delete(segment.Path);
        segment.Dispose();
    }

    /// <summary>Ends the growing segment, so that it can be deleted like any other. Only when the writer has stopped.</summary>
    public void CloseCurrent()
    {
        if (Current is null) return;
        lock (_gate) _closed.Add(Current);
        Current = null;
    }

    private SegmentHeader Header(int number) => new(writer, number, number - 1, _lastEnd);

    private void Roll()
    {
        // The next header says where this one ends: no power cut may bring back what was taken off it.
        if (_shortened) SyncOrSuspect(Current!);
        _shortened = false;
        var next = Segment.Create(Folder, new(writer, _number + 1, _number, Current!.Length), options.Disk);
        lock (_gate) _closed.Add(Current);
        (_lastEnd, Current, _number, _rolled) = (Current.Length, next, _number + 1, true);
        _syncedLength = next.Length;
        if (!Dirty) return;
        // What could not be synced stays with its segment: no commit stands in two.
        Dirty = false;
        _commit++;
    }

    // What was written before the append whose sync failed, and not synced either: later events of the same streams would follow a hole.
    private void WriteAgain()
    {
        if (!Dirty) return;
        var bytes = new byte[Current!.Length - _syncedLength];
        try
        {
            Current.Read(_syncedLength, bytes);
            for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty; rest = rest[(rest.IndexOf((byte)'\n') + 1)..])
                if (rest.IndexOf((byte)'\n') is var newline && (newline < 0 || !LineTrailer.TryRead(rest[..newline], out _)))
                    throw new JournalCorruptException(Current.Path, _syncedLength, "the line is not what was written");
        }
        catch (JournalCorruptException e) { throw new IOException($"What was written before a sync failed cannot be read back: {e.Message}", e); }
        options.Disk.Write(Current.Handle, bytes, _syncedLength);
        options.Disk.Sync(Current.Handle);
    }

    // After a failed sync the kernel may call the same pages clean: a later sync of this file would prove nothing. A new file is begun.
    private void SyncOrSuspect(Segment segment)
    {
        try { options.Disk.Sync(segment.Handle); }
        catch
        {
            _suspect = true;
            throw;
        }
    }

    private void Cut()
    {
        options.Disk.Truncate(Current!.Handle, Current.Length);
        (_cut, _shortened) = (false, true);
    }

    private void TryCut()
    {
        try
        {
            Cut();
        }
        catch (IOException) { }   // tried again before the next append
    }

    private void Synced()
    {
        (Dirty, _shortened) = (false, false);
        _syncedLength = Current!.Length;
        _commit++;
        _syncedAt = Stopwatch.GetTimestamp();
    }

    public void Dispose()
    {
        Current?.Dispose();
        foreach (var segment in Closed()) segment.Dispose();
    }
}
