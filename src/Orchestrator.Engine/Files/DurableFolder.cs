using System.Collections.Concurrent;

namespace Orchestrator.Engine.Files;

/// <summary>Folders whose names are known to survive a power cut. Bounded: what it forgets is synced once more.</summary>
internal sealed class KnownFolders
{
    private const int Most = 10_000;
    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);

    public bool Contains(string folder) => _known.ContainsKey(folder);

    public void Add(string folder)
    {
        if (_known.Count >= Most) _known.Clear();
        _known.TryAdd(folder, 0);
    }
}

/// <summary>
/// The one promise about folders: when this returns the folder is there and survives a power cut under its name, and so do all above it up to the data
/// directory, even if another process created them. What was there above the data directory is the operator's.
/// </summary>
internal static class DurableFolder
{
    /// <param name="disk">The disk.</param>
    /// <param name="folder">Absolute.</param>
    /// <param name="root">The data directory, absolute.</param>
    /// <exception cref="IOException">It cannot be made or synced.</exception>
    public static void Create(Disk disk, string folder, string root)
    {
        var exists = Directory.Exists(folder);
        if ((exists && disk.Folders.Contains(folder)) || Path.GetDirectoryName(folder) is not { Length: > 0 } parent) return;
        if (!exists || folder.Length > root.Length)
        {
            Create(disk, parent, root);
            if (!exists) disk.CreateFolder(folder);
            disk.SyncDirectory(parent);
        }
        disk.Folders.Add(folder);
    }

    /// <summary>
    /// Creates the folder and those above it, without making them durable: for files that may be lost, and for callers that sync many at once.
    /// </summary>
    public static void MakeOnly(Disk disk, string folder)
    {
        if (Directory.Exists(folder)) return;
        if (Path.GetDirectoryName(folder) is { Length: > 0 } parent) MakeOnly(disk, parent);
        disk.CreateFolder(folder);
    }
}
