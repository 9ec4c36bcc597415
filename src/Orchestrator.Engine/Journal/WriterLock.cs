using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Journal;

/// <summary>A writer's folder is owned by whoever holds the lock on its file <c>lock</c>; the lock ends with the process.</summary>
internal sealed class WriterLock : IDisposable
{
    private const int MostAttempts = 4;
    private readonly SafeFileHandle _file;

    private WriterLock(SafeFileHandle file) => _file = file;

    public static string PathIn(string folder) => Path.Combine(folder, "lock");

    /// <summary>The lock, or null when another process holds it.</summary>
    /// <exception cref="JournalUnavailableException">The file system has no locks: two processes could write one journal.</exception>
    public static WriterLock? TryTake(string folder)
    {
        var path = PathIn(folder);
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var file = FileLock.Open(path, create: true) ?? throw new DirectoryNotFoundException($"{folder} does not exist.");
            var taken = FileLock.TryTake(file);
            if (taken == LockAnswer.Held)
            {
                file.Dispose();
                return null;
            }
            // A lock that a second opening of the file does not meet is none: the file system has no locks, or the file was removed and made
            // anew between open and lock. So try again before blaming the file system.
            if (taken == LockAnswer.Taken && IsHeld(path)) return new(file);
            file.Dispose();
        }
        throw new JournalUnavailableException($"The file system of {folder} does not support file locks, so two processes could write one journal. "
            + "Use a data directory on a local disk.");
    }

    private static bool IsHeld(string path)
    {
        using var second = FileLock.Open(path, create: false);
        return second is not null && FileLock.TryTake(second) == LockAnswer.Held;
    }

    public void Dispose()
    {
        if (!_file.IsClosed) FileLock.Release(_file);
        _file.Dispose();
    }
}
