using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Where and how a process keeps its journal.</summary>
public sealed record JsonlJournalOptions
{
    /// <summary>The data directory; created if missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Name of this process's folder below <c>journal/</c>: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</summary>
    public required string Writer { get; init; }

    /// <summary>Default committed.</summary>
    public JournalDurability Durability { get; init; }

    /// <summary>A segment is closed once it has this many bytes. Default 64 MiB.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// How long this process may be stopped before another may take over its runs by hand. It says that it lives three times in that time. Default 10 s.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Archives nothing before <see cref="JsonlRunJournal.StartArchiving"/>: what dead writers have left must not
    /// delay those who wait for this process to be ready.
    /// </summary>
    internal bool ArchivesWhenTold { get; init; }

    /// <summary>Told whether the journal and the archives can be written.</summary>
    internal StorageHealth Storage { get; init; } = new(TimeProvider.System);

    internal Disk Disk { get; init; } = Disk.Real;
}
