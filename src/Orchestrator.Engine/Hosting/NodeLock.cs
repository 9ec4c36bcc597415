using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Hosting;

/// <summary>The lock that makes one process the node of a data directory, be it `serve` or a host's own program: all of them take the same file.</summary>
internal static class NodeLock
{
    // A verb that looks whether somebody holds the lock takes a shared one for an instant.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static string PathIn(IRunStore store) => store.State.PathOf("serve.lock");

    /// <summary>Takes it, making the data directory where there is none; null: another process holds it.</summary>
    public static Task<DirectoryLock?> TryTakeAsync(IRunStore store, TimeProvider clock, CancellationToken stop)
    {
        store.State.Create();
        return DirectoryLock.TryTakeAsync(store.State.Disk, PathIn(store), s_patience, clock, stop);
    }
}
