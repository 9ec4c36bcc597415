using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Files;

/// <summary>
/// Writes a file so that after any crash it is there whole, the old one or the new one: a temporary name, a sync, a rename, a sync of the folder.
/// </summary>
internal static class WholeFile
{
    /// <param name="disk">The disk.</param>
    /// <param name="path">Absolute.</param>
    /// <param name="content">All of it.</param>
    /// <param name="named">Durable under its name when this returns. False: whole or absent all the same, for what is written again when it is missing.</param>
    /// <exception cref="IOException">The folder cannot be written: the file is as it was, or new in full.</exception>
    public static void Write(Disk disk, string path, ReadOnlySpan<byte> content, bool named = true)
    {
        using var draft = new WholeFileDraft(disk, path);
        draft.Write(content);
        draft.Commit(named);
    }
}

/// <summary>A whole file in the making. Disposed before it is committed, nothing is left of it.</summary>
internal sealed class WholeFileDraft : Stream
{
    /// <summary>What the names of drafts end with.</summary>
    public const string Extension = ".tmp";

    private static long s_number;
    private readonly Disk _disk;
    private readonly string _path;
    private readonly string _draft;
    private readonly SafeFileHandle _file;
    private long _length;
    private bool _committed;

    public WholeFileDraft(Disk disk, string path)
    {
        (_disk, _path) = (disk, path);
        _draft = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}{Extension}");
        _file = disk.Create(_draft);
    }

    /// <summary>Makes it the file of its name; if <paramref name="named"/>, for good.</summary>
    public void Commit(bool named = true)
    {
        try
        {
            _disk.Sync(_file);   // the name must never point at content that a power cut can take
            _file.Dispose();
            _disk.Rename(_draft, _path);
            _committed = true;
            if (named) _disk.SyncDirectory(System.IO.Path.GetDirectoryName(_path)!);
        }
        catch (IOException e) { throw Named(e); }
    }

    /// <summary>Fills it with a file's content by sharing the blocks; false where the file system cannot.</summary>
    public bool TryClone(SafeFileHandle source) => _disk.TryClone(_file, source);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try { _disk.Write(_file, buffer, _length); }
        catch (IOException e) { throw Named(e); }
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => _length;
    public override long Position { get => _length; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_file.IsClosed) _file.Dispose();
        if (disposing && !_committed)
        {
            _committed = true;
            try { _disk.Delete(_draft); }   // a full disk must not be filled further by what is of no use
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // why it was not finished matters more
        }
        base.Dispose(disposing);
    }

    private IOException Named(IOException e) => e.Message.Contains(_path, StringComparison.Ordinal) ? e : new($"{_path}: {e.Message}", e);
}
