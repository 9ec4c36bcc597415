using Orchestrator.Engine;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// The lock that makes one process the `serve` of a data directory: an exclusive flock, so it goes with the process however that
/// ends. The file stays; only its lock means anything.
/// </summary>
internal sealed class ServeLock : IDisposable
{
    // A verb that looks whether somebody holds the lock takes a shared one for an instant.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _file;

    private ServeLock(FileStream file) => _file = file;

    /// <exception cref="ServeLockHeldException">Another process holds it.</exception>
    public static async Task<ServeLock> TakeAsync(RunPaths paths, TimeProvider clock, CancellationToken stop)
    {
        Directory.CreateDirectory(paths.Root);
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new(new FileStream(paths.ServeLock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (clock.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, clock, stop);
            }
            catch (IOException e) when (IsHeld(paths))
            {
                throw new ServeLockHeldException(paths.Root, ServeHolder.FromUtf8(UnlockedFile.Read(paths.ServeLock)), e);
            }
        }
    }

    /// <summary>Whether a process holds the lock now.</summary>
    public static bool IsHeld(RunPaths paths)
    {
        if (!File.Exists(paths.ServeLock)) return false;
        try
        {
            using var probe = new FileStream(paths.ServeLock, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The process that holds the lock; null when none does or it has not said who it is yet.</summary>
    public static ServeHolder? HolderOf(RunPaths paths) => IsHeld(paths) ? ServeHolder.FromUtf8(UnlockedFile.Read(paths.ServeLock)) : null;

    /// <summary>Writes who holds the lock, for other processes to read.</summary>
    public void Announce(ServeHolder holder)
    {
        _file.SetLength(0);
        _file.Position = 0;
        _file.Write(holder.ToUtf8());
        _file.Flush();
    }

    public void Dispose()
    {
        // What is left must not point at a socket that is gone.
        _file.SetLength(0);
        _file.Dispose();
    }
}

/// <summary>Another `serve` works on the data directory.</summary>
internal sealed class ServeLockHeldException(string directory, ServeHolder? holder, Exception cause)
    : Exception(holder is null ? $"Another `orchestrator serve` holds {directory}." : $"Another `orchestrator serve` holds {directory}: process {holder.Pid}, since {holder.StartedAt:u}, at {holder.Url}.", cause);
