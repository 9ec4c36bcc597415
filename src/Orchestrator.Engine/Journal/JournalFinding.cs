namespace Orchestrator.Engine.Journal;

/// <summary>Something in the files of a journal that is not as it was written, or is to be known.</summary>
/// <param name="Kind">What was checked: <c>segment</c>, <c>archive</c>, <c>stream</c>, <c>definition</c>.</param>
/// <param name="Place">The file, relative to the data directory, or the stream.</param>
/// <param name="Offset">The byte where it begins; null: it is about the whole.</param>
/// <param name="What">What is wrong.</param>
/// <param name="IsDamage">False for what the next start puts right by itself.</param>
public sealed record JournalFinding(string Kind, string Place, long? Offset, string What, bool IsDamage = true);

/// <summary>What was looked at, and what was found.</summary>
public sealed record JournalVerified(int Segments, int Archives, int Streams, long Events, int Definitions, IReadOnlyList<JournalFinding> Findings)
{
    /// <summary>Nothing is damaged.</summary>
    public bool IsWhole => !Findings.Any(f => f.IsDamage);
}

/// <summary>What a repair did.</summary>
/// <param name="KeptAs">Files in quarantine, relative to the data directory.</param>
/// <param name="Lost">What the journal has no more, a line for each stream or file.</param>
/// <param name="Locked">Writers' folders that were left alone because a process writes there.</param>
public sealed record JournalRepairResult(IReadOnlyList<string> KeptAs, IReadOnlyList<string> Lost, IReadOnlyList<string> Locked);
