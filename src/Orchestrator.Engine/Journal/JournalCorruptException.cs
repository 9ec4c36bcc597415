namespace Orchestrator.Engine.Journal;

/// <summary>Something that was durable is no longer what was written. Nothing is repaired or dropped on its own.</summary>
public sealed class JournalCorruptException(string segment, long offset, string what, string? remedy = null) : Exception(
    $"The journal is damaged: {segment} at byte {offset}: {what}. Nothing was changed. "
    + (remedy ?? "Restore the file from a backup, or let `orchestrator journal repair --quarantine` move the damaged part aside and list what is lost."))
{
    /// <summary>The damaged file.</summary>
    public string Segment { get; } = segment;

    /// <summary>Where the first damaged line begins.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong there.</summary>
    public string What { get; } = what;
}
