using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>The writers' folders whose locks this process holds: its own and adopted ones.</summary>
internal sealed class OwnedFolders(string own, Disk disk) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DirectoryLock> _held = [];
    private volatile DirectoryLock[] _locks = [];

    private static ReadOnlySpan<byte> Made => "journal 2\n"u8;

    /// <summary>The process that holds the lock on this file owns the folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "lock");

    /// <summary>The lock on a folder, or null when another process holds it.</summary>
    /// <exception cref="JournalUnavailableException">The file system has no locks: two processes could write one journal.</exception>
    public static DirectoryLock? TryLock(Disk disk, string folder)
    {
        try { return DirectoryLock.TryTake(disk, PathIn(folder)); }
        catch (LocksUnsupportedException e) { throw new JournalUnavailableException(e.Message, e); }
    }

    /// <summary>
    /// Notes in the lock's file that a program of this version writes the folder: it gives a segment its name
    /// only when its header is there. No more than a hint.
    /// </summary>
    public static void Note(DirectoryLock held)
    {
        try { held.Write(Made); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // a full disk
    }

    /// <summary>Whether <see cref="Note"/> was called for a folder.</summary>
    public static bool IsNoted(string folder) => DirectoryLock.Read(PathIn(folder)).AsSpan().StartsWith(Made);

    public void Add(string folder, DirectoryLock held)
    {
        lock (_gate)
        {
            _held[folder] = held;
            _locks = [.. _held.Values];
        }
    }

    /// <summary>Another process has taken over a folder from this one: nothing may be written any more. Costs a system call for each folder.</summary>
    public bool AnyLost
    {
        get
        {
            foreach (var held in _locks)
                if (held.IsLost) return true;
            return false;
        }
    }

    /// <summary>Says that this process lives.</summary>
    public void Renew()
    {
        foreach (var held in _locks) held.Touch();
    }

    public bool Holds(string folder)
    {
        lock (_gate) return _held.ContainsKey(folder);
    }

    /// <summary>Removes adopted folders that hold no segment any more; the own one only when <see cref="Leave"/> is called.</summary>
    public void RemoveEmpty(IReadOnlyList<Segment> segments)
    {
        lock (_gate)
            foreach (var folder in _held.Keys.Where(f => f != own && !segments.Any(s => Path.GetDirectoryName(s.Path) == f)).ToList()) Remove(folder);
    }

    /// <summary>The process ends: its folder goes if nothing is left in it, and all locks end.</summary>
    public void Leave()
    {
        lock (_gate)
            if (_held.TryGetValue(own, out var held) && !held.IsLost && Segment.In(own).Count == 0) Remove(own);
    }

    private void Remove(string folder)
    {
        if (!_held.TryGetValue(folder, out var mine) || mine.IsLost) return;   // it is another's
        mine.GiveUp();
        // The lock is held until its file is gone, so no process can take a folder that is about to vanish.
        try
        {
            disk.Delete(PathIn(folder));
            disk.DeleteFolder(folder);
        }
        catch (IOException) { }   // somebody put a file of his own there: the folder stays
        _held.Remove(folder);
        _locks = [.. _held.Values];
        mine.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var held in _held.Values) held.Dispose();
            _held.Clear();
            _locks = [];
        }
    }
}
