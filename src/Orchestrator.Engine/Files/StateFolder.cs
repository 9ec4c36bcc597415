namespace Orchestrator.Engine.Files;

/// <summary>
/// A folder of state that is not the journal's: an installation's id, locks, cursors, keys. Knows its disk; makes nothing before <see cref="Create"/>.
/// </summary>
public sealed class StateFolder
{
    private readonly string _root;

    /// <summary>A folder on this machine.</summary>
    public StateFolder(string path) : this(Disk.Real, Path.GetFullPath(path)) { }

    internal StateFolder(Disk disk, string root) : this(disk, root, root) { }

    private StateFolder(Disk disk, string root, string path) => (Disk, _root, FullPath) = (disk, root, path);

    /// <summary>Absolute.</summary>
    public string FullPath { get; }

    /// <summary>What writes in it.</summary>
    internal Disk Disk { get; }

    /// <summary>A folder in it.</summary>
    public StateFolder In(string name) => new(Disk, _root, PathOf(name));

    /// <summary>The absolute path of a file in it.</summary>
    public string PathOf(string name) => Path.Combine(FullPath, name);

    /// <summary>Makes the folder, durable under its name.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Create() => DurableFolder.Create(Disk, FullPath, _root);

    /// <summary>Files whose names end so, without that ending, sorted; none where there is no folder.</summary>
    internal IReadOnlyList<string> Names(string ending) => Directory.Exists(FullPath)
        ? [.. Directory.GetFiles(FullPath, "*" + ending).Select(p => Path.GetFileName(p)[..^ending.Length]).Order(StringComparer.Ordinal)] : [];
}
