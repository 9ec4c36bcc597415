using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Makes archives durable before their segments go: each file while there are few, the whole file system once there are many.</summary>
internal sealed class ArchiveSync(RunPaths paths, Disk disk)
{
    private const int Few = 32;
    private readonly List<string> _written = [];
    private bool _inDoubt;

    public void Add(string path) => _written.Add(path);

    /// <exception cref="IOException">Not all of them are durable; those so far are tried again the next time.</exception>
    public void Run()
    {
        if (_inDoubt) Rewrite();
        else
            try { Sync(); }
            catch
            {
                _inDoubt = true;
                throw;
            }
        _written.Clear();
        _inDoubt = false;
    }

    private void Sync()
    {
        if (_written.Count > Few)
        {
            disk.SyncFileSystem(paths.Root);
            return;
        }
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in _written)
        {
            if (!File.Exists(path)) continue;   // the run was removed meanwhile
            using (var file = disk.OpenExisting(path)) disk.Sync(file);
            AddFolders(folders, path);
        }
        SyncFolders(folders);
    }

    // After a failed sync the kernel may call pages clean that never reached the disk: only writing them once more proves anything.
    private void Rewrite()
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in _written)
        {
            if (RegularFile.TryRead(path) is not { } bytes) continue;
            Verify(path, bytes);
            WholeFile.Write(disk, path, bytes);
            AddFolders(folders, path);
        }
        SyncFolders(folders);
    }

    private static void Verify(string path, ReadOnlySpan<byte> rest)
    {
        for (var at = 0; !rest.IsEmpty;)
        {
            var newline = rest.IndexOf((byte)'\n');
            if (newline < 0 || !LineTrailer.TryRead(rest[..newline], out _)) throw new JournalCorruptException(path, at, "the line is not what was written");
            at += newline + 1;
            rest = rest[(newline + 1)..];
        }
    }

    private void AddFolders(SortedSet<string> folders, string path)
    {
        for (var folder = Path.GetDirectoryName(path); folder is not null && folder.Length >= paths.Root.Length; folder = Path.GetDirectoryName(folder)) folders.Add(folder);
    }

    private void SyncFolders(SortedSet<string> folders)
    {
        foreach (var folder in folders)
            if (Directory.Exists(folder)) disk.SyncDirectory(folder);
    }
}
