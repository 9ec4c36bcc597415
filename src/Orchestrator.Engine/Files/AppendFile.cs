using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Files;

/// <summary>
/// A file that only grows. An append that fails leaves nothing that counts; after a failed sync the file is closed for
/// good, because it is not known what of it is on the disk.
/// </summary>
internal sealed class AppendFile : IDisposable
{
    private readonly Disk _disk;
    private readonly SafeFileHandle _file;
    private bool _cut;
    private bool _inDoubt;

    private AppendFile(Disk disk, string path, SafeFileHandle file, long length) => (_disk, Path, _file, Length) = (disk, path, file, length);

    public string Path { get; }

    /// <summary>Bytes that count.</summary>
    public long Length { get; private set; }

    /// <summary>A new file, durable under its name.</summary>
    public static AppendFile Create(Disk disk, string path) => Named(new(disk, path, disk.Create(path), 0));

    /// <summary>The file, made if missing; durable under its name.</summary>
    public static AppendFile OpenOrCreate(Disk disk, string path)
    {
        var file = disk.OpenOrCreate(path);
        return Named(new(disk, path, file, RandomAccess.GetLength(file)));
    }

    /// <summary>A file that is there, of which only the beginning counts. What was read of it counts as told, so it is made durable.</summary>
    public static AppendFile Continue(Disk disk, string path, long length)
    {
        var file = new AppendFile(disk, path, disk.OpenExisting(path), length);
        try
        {
            if (RandomAccess.GetLength(file._file) > length) disk.Truncate(file._file, length);
            disk.Sync(file._file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Durable when this returns.</summary>
    /// <exception cref="IOException">Nothing of it counts.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_inDoubt) throw new IOException($"{Path} could not be synced: what is on the disk is not known.");
        if (_cut) _disk.Truncate(_file, Length);
        _cut = true;
        try
        {
            _disk.Write(_file, bytes, Length);
            SyncOrDoubt();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryCut();
            throw new IOException($"{Path}: {e.Message}", e);
        }
        _cut = false;
        Length += bytes.Length;
    }

    /// <summary>A sync failed: begin another file.</summary>
    public bool IsInDoubt => _inDoubt;

    public void Dispose() => _file.Dispose();

    private static AppendFile Named(AppendFile file)
    {
        try
        {
            file._disk.SyncDirectory(System.IO.Path.GetDirectoryName(file.Path)!);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void SyncOrDoubt()
    {
        try { _disk.Sync(_file); }
        catch
        {
            _inDoubt = true;
            throw;
        }
    }

    private void TryCut()
    {
        try
        {
            _disk.Truncate(_file, Length);
            _cut = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // tried again before the next append
    }
}
