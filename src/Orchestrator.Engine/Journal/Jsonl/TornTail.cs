using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Whether what begins with a bad line may be a tail that was never acknowledged. A commit begins only once the one before it is on the disk, so all of it must
/// belong to the last commit. Each whole line after the bad one, even in the middle of what is a line now, says where its commit begins: after the bad
/// line, then that line was durable once.
/// </summary>
/// <remarks>
/// What no file can tell of itself: where the bad bytes reach to its end, or where it was cut short at or within a line, nothing says any more how many commits
/// they were. They are treated as the last one, kept aside when they are cut, and found by `reconcile` as far as anything else refers to them.
/// </remarks>
internal static class TornTail
{
    private static ReadOnlySpan<byte> LineStart => "{\"seq\":"u8;

    /// <param name="path">The segment.</param>
    /// <param name="tail">Everything from the bad line on.</param>
    /// <param name="badAt">Where that is.</param>
    /// <param name="good">Where the line before it belongs.</param>
    /// <param name="onBad">What to do.</param>
    /// <exception cref="JournalCorruptException">It was durable.</exception>
    public static void Check(string path, ReadOnlySpan<byte> tail, long badAt, LinePlaces good, BadLine onBad)
    {
        if (onBad == BadLine.Stop) return;
        if (onBad == BadLine.Refuse) throw new JournalCorruptException(path, badAt, "the line is not what was written");
        for (var at = tail.IndexOf(LineStart); at >= 0; at = Next(tail, at))
        {
            var newline = tail[at..].IndexOf((byte)'\n');
            if (!LineTrailer.TryRead(newline < 0 ? tail[at..] : tail.Slice(at, newline), out var mark)) continue;
            if (!BelongsToLast(mark, badAt, good))
                throw new JournalCorruptException(path, badAt, $"the line is not what was written; commit {mark.Commit} after it says that it was durable");
        }
    }

    private static bool BelongsToLast(LineMark mark, long badAt, LinePlaces good) =>
        mark.IsOfVersion1 ? mark.From == 0 && mark.Commit >= good.Commit
        : mark.Commit == good.Commit ? mark.From == good.From
        : mark.Commit > good.Commit && mark.From == badAt;

    private static int Next(ReadOnlySpan<byte> tail, int at)
    {
        var next = tail[(at + 1)..].IndexOf(LineStart);
        return next < 0 ? -1 : at + 1 + next;
    }
}
