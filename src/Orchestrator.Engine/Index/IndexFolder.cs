using System.Globalization;
using System.Text;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Index;

/// <summary>
/// Where the index is: <c>index.&lt;generation&gt;.db</c>, and <c>current</c>, which names the one in force. A new one is made beside it and put in
/// force by its name: a file that takes the name of another meets the write-ahead log of that one.
/// </summary>
/// <param name="state">The data directory.</param>
internal sealed class IndexFolder(StateFolder state)
{
    private const int MaxName = 64;
    private readonly StateFolder _folder = state.In("index");

    /// <summary>Absolute.</summary>
    public string FullPath => _folder.FullPath;

    /// <summary>The database in force; null: there is none.</summary>
    /// <exception cref="IOException">It cannot be known.</exception>
    public string? Current
    {
        get
        {
            var name = RegularFile.TryReadText(_folder.PathOf("current"), most: MaxName)?.Trim();
            return GenerationOf(name) is null ? null : _folder.PathOf(name!);
        }
    }

    /// <summary>The right to write; null: another process has it.</summary>
    /// <exception cref="IOException">The folder cannot be made, or the file system has no locks.</exception>
    public DirectoryLock? TryLock()
    {
        _folder.Create();
        return DirectoryLock.TryTake(_folder.Disk, _folder.PathOf("index.lock"));
    }

    /// <summary>Whether a process has the right to write now.</summary>
    public bool IsLocked => File.Exists(_folder.PathOf("index.lock")) && DirectoryLock.IsHeld(_folder.PathOf("index.lock"));

    /// <summary>A new empty file that nobody reads yet; its name is none that there was.</summary>
    public string Draft()
    {
        var last = Databases().Append(Path.GetFileName(Current)).Select(GenerationOf).OfType<long>().DefaultIfEmpty(0).Max();
        var path = _folder.PathOf(string.Create(CultureInfo.InvariantCulture, $"index.{last + 1}.db"));
        _folder.Disk.Create(path).Dispose();   // SQLite gives its other files the mode of this one
        return path;
    }

    /// <summary>Puts a database in force that is whole and on the disk, and removes the others.</summary>
    public void Publish(string path)
    {
        _folder.Disk.SyncDirectory(FullPath);
        WholeFile.Write(_folder.Disk, _folder.PathOf("current"), Encoding.ASCII.GetBytes(Path.GetFileName(path) + "\n"));
        Tidy();
    }

    /// <summary>Removes databases that are not in force. The caller has the lock.</summary>
    public void Tidy()
    {
        var current = Current is { } path ? Path.GetFileName(path) : null;
        foreach (var name in Databases().Where(name => name != current))
            foreach (var ending in (ReadOnlySpan<string>)["-wal", "-shm", "-journal", ""]) Remove(_folder.PathOf(name + ending));
    }

    private void Remove(string path)
    {
        if (Directory.Exists(path)) _folder.Disk.DeleteTree(path);
        else _folder.Disk.Delete(path);
    }

    private List<string> Databases() => Directory.Exists(FullPath)
        ? [.. Directory.EnumerateFileSystemEntries(FullPath, "index.*.db").Select(p => Path.GetFileName(p)).Where(name => GenerationOf(name) is not null)] : [];

    private static long? GenerationOf(string? name) =>
        name is not null && name.StartsWith("index.", StringComparison.Ordinal) && name.EndsWith(".db", StringComparison.Ordinal) && name.Length > 9
        && long.TryParse(name.AsSpan(6, name.Length - 9), NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : null;
}
