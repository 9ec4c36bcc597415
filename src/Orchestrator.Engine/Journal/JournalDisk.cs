using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Journal;

/// <summary>What the journal does to its files. Virtual so that a test can make the nth call fail, or the last one.</summary>
internal class JournalDisk
{
    public static readonly JournalDisk Real = new();

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
    {
        try { RandomAccess.Write(file, bytes, at); }
        catch (ArgumentOutOfRangeException e) { throw FileLimit.Reached("The segment", e); }
    }

    public virtual void Sync(SafeFileHandle file) => Posix.SyncContent(file);

    public virtual void Truncate(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    public virtual void SyncDirectory(string path) => Posix.SyncDirectory(path);

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void Delete(string path) => File.Delete(path);
}
