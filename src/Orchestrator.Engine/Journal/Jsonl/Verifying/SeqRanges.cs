namespace Orchestrator.Engine.Journal.Jsonl.Verifying;

/// <summary>Which events of a stream there are, as ranges that do not touch.</summary>
internal sealed class SeqRanges
{
    private readonly SortedList<long, long> _ranges = [];

    /// <summary>The first there is; 0: none.</summary>
    public long First => _ranges.Count == 0 ? 0 : _ranges.Keys[0];

    /// <summary>The last there is.</summary>
    public long Last => _ranges.Count == 0 ? 0 : _ranges.Values[^1];

    public void Add(long first, long last)
    {
        // Appends come in order but for a few: look from the end.
        var at = _ranges.Count;
        while (at > 0 && _ranges.Values[at - 1] >= first - 1) at--;
        while (at < _ranges.Count && _ranges.Keys[at] <= last + 1)
        {
            (first, last) = (Math.Min(first, _ranges.Keys[at]), Math.Max(last, _ranges.Values[at]));
            _ranges.RemoveAt(at);
        }
        _ranges.Add(first, last);
    }

    /// <summary>What is missing between one event and the last.</summary>
    public IEnumerable<(long First, long Last)> Holes(long from)
    {
        foreach (var (first, last) in _ranges)
        {
            if (first > from) yield return (from, first - 1);
            from = Math.Max(from, last + 1);
        }
    }
}
