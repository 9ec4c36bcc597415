namespace Orchestrator.Engine.Journal;

/// <summary>When a committed append is on the disk.</summary>
public enum JournalDurability
{
    /// <summary>Before the append completes.</summary>
    Committed,

    /// <summary>Within a second. A power cut may take the last second; a crash of the process takes nothing.</summary>
    Relaxed,
}
