using Orchestrator.Engine.Files;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Worker.Local;

/// <summary>
/// The lock that makes one process the `serve` of a data directory, and what its holder says about itself.
/// </summary>
internal sealed class ServeLock : IDisposable
{
    private readonly DirectoryLock _held;

    private ServeLock(DirectoryLock held) => _held = held;

    /// <exception cref="ServeLockHeldException">Another process holds it.</exception>
    public static async Task<ServeLock> TakeAsync(IRunStore store, TimeProvider clock, CancellationToken stop) =>
        await NodeLock.TryTakeAsync(store, clock, stop) is { } held ? new(held)
            : throw new ServeLockHeldException(store.Place, ServeHolder.FromUtf8(DirectoryLock.Read(NodeLock.PathIn(store))));

    /// <summary>Whether a process holds the lock now.</summary>
    public static bool IsHeld(IRunStore store) => DirectoryLock.IsHeld(NodeLock.PathIn(store));

    /// <summary>The process that holds the lock; null when none does or it has not said who it is yet.</summary>
    public static ServeHolder? HolderOf(IRunStore store) => IsHeld(store) ? ServeHolder.FromUtf8(DirectoryLock.Read(NodeLock.PathIn(store))) : null;

    /// <summary>Writes who holds the lock, for other processes to read.</summary>
    public void Announce(ServeHolder holder) => _held.Write(holder.ToUtf8());

    public void Dispose()
    {
        // What is left must not point at a socket that is gone.
        _held.Write([]);
        _held.Dispose();
    }
}

/// <summary>Another `serve` works on the data directory.</summary>
internal sealed class ServeLockHeldException(string directory, ServeHolder? holder)
    : Exception(holder is null ? $"Another `orchestrator serve` holds {directory}." : $"Another `orchestrator serve` holds {directory}: process {holder.Pid}, since {holder.StartedAt:u}{(holder.Url.Length > 0 ? $", at {holder.Url}" : "")}.");
