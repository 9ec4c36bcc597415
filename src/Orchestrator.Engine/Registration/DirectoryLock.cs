namespace Orchestrator.Engine.Registration;

/// <summary>The lock of a data directory that `orchestrator serve` takes too: one process at a time takes over what others left. Goes with the process.</summary>
internal sealed class DirectoryLock : IDisposable
{
    // A verb that looks whether somebody holds the lock takes a shared one for an instant.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another process works on the directory, or it cannot be written.</exception>
    public static async Task<DirectoryLock> TakeAsync(RunPaths paths, TimeProvider clock, CancellationToken stop)
    {
        Directory.CreateDirectory(paths.Root);
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new(new(paths.ServeLock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                if (clock.GetElapsedTime(began) >= s_patience)
                    throw new IOException($"The data directory {paths.Root} cannot be taken: another worker or `orchestrator serve` works on it, or its lock cannot be written. Give each worker a DataDirectory of its own.", e);
            }
            await Task.Delay(s_pause, clock, stop).ConfigureAwait(false);
        }
    }

    public void Dispose() => _file.Dispose();
}
