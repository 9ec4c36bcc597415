using System.Diagnostics;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal;

/// <summary>
/// The segments of this process: one that grows, made when first needed, and closed ones. Used by the writer thread, closed ones by the
/// archiver too.
/// </summary>
internal sealed class SegmentChain(string folder, string writer, int lastNumber, long lastCommit, JsonlJournalOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Segment> _closed = [];
    private int _number = lastNumber;
    private long _commit = lastCommit + 1;
    private long _syncedAt = Stopwatch.GetTimestamp();
    private volatile Segment? _current;
    private bool _cut;
    private bool _suspect;
    private bool _rolled;
    private long _writtenAt = Stopwatch.GetTimestamp();

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

    /// <summary>Since the last append.</summary>
    public TimeSpan Quiet => Stopwatch.GetElapsedTime(Volatile.Read(ref _writtenAt));

    public LineMark Mark(bool first, bool end) => new(_commit, first && !Dirty, end);

    public bool SyncIsDue(TimeSpan interval) => Stopwatch.GetElapsedTime(_syncedAt) >= interval;

    /// <summary>Writes behind what is there and, if asked, syncs. Returns the offset. On failure nothing of it counts.</summary>
    public long Append(ReadOnlySpan<byte> bytes, bool commit)
    {
        Prepare(bytes.Length);
        var segment = Current!;
        var at = segment.Length;
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
        segment.Length = at + bytes.Length;
        Dirty = true;
        Volatile.Write(ref _writtenAt, Stopwatch.GetTimestamp());
        if (commit) Synced();
        return at;
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

    private void Prepare(int length)
    {
        if (_cut) options.Disk.Truncate(Current!.Handle, Current.Length);   // still not writable: the append fails with the reason
        _cut = false;
        if (_suspect)
        {
            Roll();
            _suspect = false;
        }
        // The lines in hand carry their mark already; a sync here only makes what came before durable a little earlier.
        if (Current is not null && Current.Length + length > options.SegmentBytes && Current.Length > SegmentHeader.Line(writer).Length)
        {
            SyncOrSuspect(Current);
            Roll();
        }
        if (Current is null) (Current, _number) = (Segment.Create(Folder, _number + 1, writer, options.Disk), _number + 1);
    }

    private void Roll()
    {
        var next = Segment.Create(Folder, _number + 1, writer, options.Disk);
        lock (_gate) _closed.Add(Current!);
        (Current, _number, _rolled) = (next, _number + 1, true);
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

    private void TryCut()
    {
        try
        {
            options.Disk.Truncate(Current!.Handle, Current.Length);
            _cut = false;
        }
        catch (IOException) { }   // tried again before the next append
    }

    private void Synced()
    {
        Dirty = false;
        _commit++;
        _syncedAt = Stopwatch.GetTimestamp();
    }

    public void Dispose()
    {
        Current?.Dispose();
        foreach (var segment in Closed()) segment.Dispose();
    }
}
