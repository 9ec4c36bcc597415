namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Whether a segment follows the previous one: since version 2 each names the previous segment and where it ended.</summary>
internal static class SegmentOrder
{
    /// <param name="path">The segment.</param>
    /// <param name="number">Its number, of its name.</param>
    /// <param name="header">Its first line.</param>
    /// <param name="before">The segment before it that is still there, and where its whole appends end; null: there is none.</param>
    /// <param name="commit">The last commit of the ones before.</param>
    /// <param name="scan">What it holds.</param>
    /// <exception cref="JournalCorruptException">One of the two is not what was written.</exception>
    public static void Check(string path, int number, SegmentHeader header, (string Path, int Number, long End)? before, long commit, ScannedSegment scan)
    {
        if (header.Version > 1 && header.Number != number) throw new JournalCorruptException(path, 0, $"it says that it is segment {header.Number}");
        // The one before goes once all it held is archived: then there is nothing to compare.
        if (header.Version > 1 && before is { } b && b.Number == header.After && b.End != header.Ends)
            throw new JournalCorruptException(b.Path, Math.Min(b.End, header.Ends), $"its events end at byte {b.End}, but ended at byte {header.Ends} when {System.IO.Path.GetFileName(path)} was begun");
        // In version 1 a commit could begin in one segment and end in the next.
        if (scan.Appends.Count > 0 && (header.Version > 1 ? scan.FirstCommit <= commit : scan.FirstCommit < commit)) throw new JournalCorruptException(path, 0, $"commit {scan.FirstCommit} follows commit {commit} of the previous segment");
    }
}
