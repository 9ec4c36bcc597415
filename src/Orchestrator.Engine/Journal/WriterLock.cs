namespace Orchestrator.Engine.Journal;

/// <summary>A writer's folder is owned by whoever holds the lock on its file <c>lock</c>; the lock ends with the process.</summary>
internal sealed class WriterLock : IDisposable
{
    private readonly FileStream _file;

    private WriterLock(FileStream file) => _file = file;

    public static string PathIn(string folder) => Path.Combine(folder, "lock");

    /// <summary>The lock, or null when another process holds it.</summary>
    /// <exception cref="JournalUnavailableException">The file system has no locks: two processes could write one journal.</exception>
    public static WriterLock? TryTake(string folder)
    {
        var path = PathIn(folder);
        for (var attempt = 0; ; attempt++)
        {
            FileStream file;
            try { file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0); }
            catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException)) { return null; }
            // .NET goes on without a lock where flock is not supported. A second open must therefore be refused; it is not, too,
            // when the file was removed and made anew between open and lock, so try once more before blaming the file system.
            try { using var second = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0); }
            catch (FileNotFoundException) { file.Dispose(); continue; }
            catch (IOException) { return new(file); }
            file.Dispose();
            if (attempt == 3)
                throw new JournalUnavailableException($"The file system of {folder} does not support file locks, so two processes could write one journal. "
                    + "Use a data directory on a local disk.");
        }
    }

    public void Dispose() => _file.Dispose();
}
