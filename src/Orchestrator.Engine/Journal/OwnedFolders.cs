using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal;

/// <summary>The writers' folders whose locks this process holds: its own and adopted ones.</summary>
internal sealed class OwnedFolders(string own, Disk disk) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DirectoryLock> _held = [];

    /// <summary>Whoever holds the lock on this file owns the folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "lock");

    /// <summary>The lock on a folder, or null when another process holds it.</summary>
    /// <exception cref="JournalUnavailableException">The file system has no locks: two processes could write one journal.</exception>
    public static DirectoryLock? TryLock(Disk disk, string folder)
    {
        try { return DirectoryLock.TryTake(disk, PathIn(folder)); }
        catch (LocksUnsupportedException e) { throw new JournalUnavailableException(e.Message, e); }
    }

    public void Add(string folder, DirectoryLock held)
    {
        lock (_gate) _held[folder] = held;
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
            if (_held.ContainsKey(own) && Segment.In(own).Count == 0) Remove(own);
    }

    private void Remove(string folder)
    {
        // The lock is held until its file is gone, so nobody can take a folder that is about to vanish.
        try
        {
            disk.Delete(PathIn(folder));
            disk.DeleteFolder(folder);
        }
        catch (IOException) { }   // somebody put a file of his own there: the folder stays
        _held.Remove(folder, out var held);
        held?.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var held in _held.Values) held.Dispose();
            _held.Clear();
        }
    }
}
