using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Files;

/// <summary>
/// An exclusive lock on a directory: an flock on a file in it, so it goes with the process however that ends. The file stays, only its lock means
/// anything; what it contains informs. The lock is the one that .NET takes for <see cref="FileShare.None"/>, but
/// answered by a value: to find it held is nothing unusual.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private const int MaxAttempts = 4;
    private const int LongestContent = 64 * 1024;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private readonly SafeFileHandle _file;
    private readonly Disk _disk;
    private volatile bool _isGivenUp;

    private DirectoryLock(SafeFileHandle file, Disk disk) => (_file, _disk) = (file, disk);

    /// <summary>The lock of a file, which is made if missing; null when another process holds it.</summary>
    /// <exception cref="LocksUnsupportedException">The file system has no locks: two processes could work on one directory.</exception>
    public static DirectoryLock? TryTake(Disk disk, string path)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var file = disk.OpenOrCreate(path);
            var error = FileCalls.TryLock(file, FileCalls.LockExclusive | FileCalls.LockNow);
            // A lock that a second opening of the file does not meet is none: the file system has no locks, or the file was removed and made
            // again between open and lock. So try again before blaming the file system.
            if (error == 0 && disk.IsLocked(path))
            {
                var held = new DirectoryLock(file, disk);
                held.Touch();
                return held;
            }
            file.Dispose();
            if (error == PosixError.WouldBlock) return null;
        }
        throw new LocksUnsupportedException(Path.GetDirectoryName(path)!);
    }

    /// <summary>Waits for the lock, but not longer than <paramref name="patience"/>; null when it is still held then.</summary>
    public static async Task<DirectoryLock?> TryTakeAsync(Disk disk, string path, TimeSpan patience, TimeProvider clock, CancellationToken stop)
    {
        for (var began = clock.GetTimestamp(); ;)
        {
            if (TryTake(disk, path) is { } held) return held;
            if (clock.GetElapsedTime(began) >= patience) return null;
            await Task.Delay(s_pause, clock, stop).ConfigureAwait(false);
        }
    }

    /// <summary>The same on this thread, for turns that others keep for milliseconds.</summary>
    /// <exception cref="IOException">It is still held after <paramref name="patience"/>.</exception>
    public static DirectoryLock Take(Disk disk, string path, TimeSpan patience)
    {
        using var never = new ManualResetEventSlim();
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            if (TryTake(disk, path) is { } held) return held;
            if (Stopwatch.GetElapsedTime(began) >= patience)
                throw new IOException($"{path} has been locked by another process for {patience.TotalSeconds:0.###} s. End that process, or try again.");
            never.Wait(s_pause);
        }
    }

    /// <summary>
    /// Takes the lock from a holder that cannot be asked, because it is stopped: a new file, locked already, takes the name. The holder sees that it has
    /// lost the lock, however late it wakes. The caller makes sure that only one process does this at a time.
    /// </summary>
    /// <exception cref="IOException">It cannot be taken; the holder has it still.</exception>
    public static DirectoryLock Seize(Disk disk, string path)
    {
        var draft = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}{WholeFileDraft.Extension}");
        var file = disk.Create(draft);
        try
        {
            if (FileCalls.TryLock(file, FileCalls.LockExclusive | FileCalls.LockNow) != 0) throw new LocksUnsupportedException(Path.GetDirectoryName(path)!);
            disk.Rename(draft, path);
            disk.SyncDirectory(Path.GetDirectoryName(path)!);
            return new(file, disk);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Another process has seized the lock (see <see cref="Seize"/>), or another program deleted its file.</summary>
    public bool IsLost
    {
        get
        {
            // In this order: the holder gives up the lock before it deletes the file.
            try { return !_file.IsClosed && FileCalls.IsUnnamed(_file) && !_isGivenUp; }
            catch (ObjectDisposedException) { return false; }
        }
    }

    /// <summary>The holder is about to delete the file: from now on it cannot be lost.</summary>
    public void GiveUp() => _isGivenUp = true;

    /// <summary>Says that the holder lives.</summary>
    public void Touch()
    {
        try { if (!_file.IsClosed) File.SetLastWriteTimeUtc(_file, TimeProvider.System.GetUtcNow().UtcDateTime); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException) { }   // on a full disk as good as on another: the lock is held
    }

    /// <summary>When the holder last said that it lives, or took the lock.</summary>
    public static DateTimeOffset TouchedAt(string path) => File.GetLastWriteTimeUtc(path);

    /// <summary>Whether a process holds the lock now. Takes it for an instant.</summary>
    /// <exception cref="IOException">It cannot be known: too many files are open, or the disk fails.</exception>
    public static bool IsHeld(string path)
    {
        if (FileCalls.TryOpen(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking, 0, out var error) is not { } file)
            return error is PosixError.NotFound or PosixError.NotDirectory or PosixError.NoAccess or PosixError.NotPermitted ? false : throw PosixError.Of(error, path);
        using (file) return FileCalls.TryLock(file, FileCalls.LockShared | FileCalls.LockNow) == PosixError.WouldBlock;
    }

    /// <summary>What the holder wrote into the file; .NET's own ways to open would ask for a lock and fail.</summary>
    public static byte[] Read(string path)
    {
        using var file = RegularFile.TryOpen(path);
        if (file is null) return [];
        var buffer = new byte[LongestContent];
        return buffer[..RandomAccess.Read(file, buffer, 0)];
    }

    /// <summary>Replaces what the file contains. Of no use after a crash, so it is not synced.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        _disk.Truncate(_file, 0);
        _disk.Write(_file, content, 0);
    }

    public void Dispose()
    {
        // Closing alone would not give it up: a child between its fork and its exec still shares the open file, and the lock with it.
        if (!_file.IsClosed) _ = FileCalls.TryLock(_file, FileCalls.Unlock);
        _file.Dispose();
    }
}

/// <summary>Two processes could work on one directory without noticing.</summary>
internal sealed class LocksUnsupportedException(string folder)
    : IOException($"The file system of {folder} does not support file locks, so two processes could write to one directory. Use a data directory on a local disk.");
