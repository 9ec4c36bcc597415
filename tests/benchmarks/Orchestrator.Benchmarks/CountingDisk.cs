using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Files;

namespace Orchestrator.Benchmarks;

/// <summary>The real disk; counts how often the journal made it wait.</summary>
internal sealed class CountingDisk : Disk
{
    private long _syncs;

    public long Syncs => Interlocked.Read(ref _syncs);

    public override void Sync(SafeFileHandle file)
    {
        Interlocked.Increment(ref _syncs);
        base.Sync(file);
    }
}
