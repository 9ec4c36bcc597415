using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Whether the lines of a segment are where they were written, one after the other: a line's checksum cannot show that.</summary>
internal struct LinePlaces(bool begun)
{
    private const int Unknown = -1;

    // A reader that begins in the middle takes its first line's word.
    private bool _begun = begun;

    /// <summary>Number of the commit of the last line.</summary>
    public long Commit { get; private set; }

    /// <summary>The byte where that commit begins.</summary>
    public long From { get; private set; }

    private int _lines;

    /// <summary>What is wrong with a line at a place; null: nothing.</summary>
    /// <param name="mark">The line's mark.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="within">An append is open that it must belong to.</param>
    public string? Take(LineMark mark, long at, bool within)
    {
        if (mark.IsOfVersion1) return TakeVersion1(mark);
        if (!_begun) (_begun, Commit, From, _lines) = (true, mark.Commit, mark.From, Unknown);
        if (mark.Commit < Commit) return $"commit {mark.Commit} follows commit {Commit}";
        if (mark.Commit > Commit)
        {
            if (mark.From != at) return $"commit {mark.Commit} begins here, but was written at byte {mark.From}";
            if (within) return $"commit {mark.Commit} begins within an append";
            (Commit, From, _lines) = (mark.Commit, mark.From, 0);
        }
        else if (mark.From != From) return $"a line of commit {mark.Commit} says that it begins at byte {mark.From}, not {From}";
        if (_lines != Unknown) _lines++;
        if (!mark.EndOfAppend) return null;
        if (_lines != Unknown && _lines != mark.Lines) return $"commit {mark.Commit} has {_lines} lines up to here, but had {mark.Lines}";
        _lines = mark.Lines;
        return null;
    }

    private string? TakeVersion1(LineMark mark)
    {
        if (_begun && mark.Commit < Commit) return $"commit {mark.Commit} follows commit {Commit}";
        (_begun, Commit) = (true, mark.Commit);
        return null;
    }
}
