using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Files;

/// <summary>
/// Everything that changes a data directory for good. Virtual, so that a test can make the nth call fail or forget what was not synced. A name is durable
/// once its folder was synced, content once the file was; nothing else promises anything.
/// </summary>
internal class Disk
{
    private const int MaxCreations = 8;

    public static readonly Disk Real = new();

    /// <summary>Modes of what is made.</summary>
    public FileModes Modes { get; init; } = FileModes.OwnerOnly;

    /// <summary>Folders known to be durable under their names.</summary>
    public KnownFolders Folders { get; } = new();

    /// <summary>A new empty file for reading and writing; one of that name, or a link, goes.</summary>
    public virtual SafeFileHandle Create(string path)
    {
        for (var left = MaxCreations; ; left--)
        {
            if (FileCalls.TryOpen(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, Modes.File, out var error) is { } file) return file;
            if (error != PosixError.Exists || left == 0) throw PosixError.Of(error, path);
            _ = FileCalls.Unlink(path);   // where it cannot go, the next try says why
        }
    }

    /// <summary>A file for reading and writing, empty if it was not there.</summary>
    public virtual SafeFileHandle OpenOrCreate(string path)
    {
        const int flags = OpenFlags.ReadWrite | OpenFlags.NonBlocking;
        for (var left = MaxCreations; ; left--)
        {
            if (FileCalls.TryOpen(path, flags | OpenFlags.NoFollow, 0, out var error) is { } found) return found;
            if (error == PosixError.NotFound && FileCalls.TryOpen(path, flags | OpenFlags.Create | OpenFlags.Exclusive, Modes.File, out error) is { } made) return made;
            if (error != PosixError.Exists || left == 0) throw PosixError.Of(error, path);
        }
    }

    /// <summary>A file that is there, for reading and writing.</summary>
    public virtual SafeFileHandle OpenExisting(string path) => FileCalls.Open(path, OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.NoFollow);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at) => FileCalls.WriteAt(file, bytes, at);

    /// <summary>Fills an empty file with the content of another by sharing its blocks; false where the file system cannot.</summary>
    public virtual bool TryClone(SafeFileHandle target, SafeFileHandle source) => FileCalls.TryClone(target, source);

    public virtual void Truncate(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    /// <summary>
    /// Content and length. After a failure it is not known what of it is on the disk, and a later sync proves nothing: write it again, elsewhere.
    /// </summary>
    public virtual void Sync(SafeFileHandle file) => FileCalls.SyncContent(file);

    /// <summary>Names of a folder.</summary>
    public virtual void SyncDirectory(string path) => FileCalls.SyncDirectory(path);

    /// <summary>Whether a process holds the lock of a file now.</summary>
    public virtual bool IsLocked(string path) => DirectoryLock.IsHeld(path);

    /// <summary>Everything on the file system of a folder.</summary>
    public virtual void SyncFileSystem(string path) => FileCalls.SyncFileSystem(path);

    /// <summary>A file or a folder; a file of the new name is replaced.</summary>
    public virtual void Rename(string from, string to) => FileCalls.Rename(from, to);

    /// <summary>A file, if it is there.</summary>
    public virtual void Delete(string path)
    {
        if (FileCalls.Unlink(path) != 0 && PosixError.Last is not PosixError.NotFound and var error) throw PosixError.Of(error, path);
    }

    /// <summary>One folder; false when it is there already.</summary>
    /// <exception cref="IOException">There is a file of that name.</exception>
    public virtual bool CreateFolder(string path)
    {
        if (FileCalls.MakeDirectory(path, Modes.Folder)) return true;
        return Directory.Exists(path) ? false : throw new IOException($"{path} is a file, but a directory is needed there. Choose another data directory or move the file away.");
    }

    /// <summary>A folder with all that is in it.</summary>
    public virtual void DeleteTree(string path) => Directory.Delete(path, recursive: true);

    /// <summary>An empty folder.</summary>
    public virtual void DeleteFolder(string path) => Directory.Delete(path);
}
