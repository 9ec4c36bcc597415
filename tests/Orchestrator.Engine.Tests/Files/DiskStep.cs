namespace Orchestrator.Engine.Tests.Files;

/// <summary>One thing that a disk was asked for, in the order in which it happened; paths are relative to the folder it is in front of.</summary>
internal abstract record DiskStep
{
    public sealed record Created(string Path, int File) : DiskStep;
    public sealed record Written(int File, long At, byte[] Bytes) : DiskStep;
    public sealed record Truncated(int File, long Length) : DiskStep;
    public sealed record Synced(int File, bool Failed) : DiskStep;
    public sealed record Renamed(string From, string To) : DiskStep;
    public sealed record Deleted(string Path) : DiskStep;
    public sealed record FolderMade(string Path) : DiskStep;
    public sealed record FolderSynced(string Path) : DiskStep;
    public sealed record AllSynced : DiskStep;

    /// <summary>Somebody was told that something is durable.</summary>
    public sealed record Acknowledged(Promise Promise) : DiskStep;
}

/// <summary>What must be true of a data directory from now on, whatever happens to the power.</summary>
/// <param name="What">For the message of a failure.</param>
/// <param name="Holds">Whether it is true of a recovered data directory.</param>
internal sealed record Promise(string What, Func<RunPaths, bool> Holds);
