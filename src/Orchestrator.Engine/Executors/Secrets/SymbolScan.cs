using System.Numerics;

namespace Orchestrator.Engine.Executors.Secrets;

/// <summary>What a byte is to a scan of digits.</summary>
internal enum SymbolKind : byte
{
    /// <summary>It ends what came before.</summary>
    Break,

    /// <summary>A digit.</summary>
    Digit,

    /// <summary>It may stand between digits.</summary>
    Separator,

    /// <summary>It may stand between lines of digits.</summary>
    LineEnd,
}

/// <summary>
/// One automaton over a stream of bytes that stand for others: where each began is remembered for as long as the longest text, and what may stand between digits is passed
/// over. Without kinds every byte is a symbol.
/// </summary>
internal sealed class SymbolScan
{
    private const int ShortestLine = 16, ShortestBroken = 3, MostSeparators = 2, MostBetweenLines = 16, LongestGap = 256;
    private readonly FormAutomaton _texts;
    private readonly SymbolKind[]? _kinds;
    private readonly bool _separates;
    private readonly long[] _began;
    private readonly int _mask;
    private int _state, _between, _run;
    private bool _atLineEnd;
    private long _count, _end;

    /// <param name="texts">What to look for.</param>
    /// <param name="kinds">Of each byte.</param>
    /// <param name="separates">Whether separators may stand within a line.</param>
    public SymbolScan(FormAutomaton texts, SymbolKind[]? kinds = null, bool separates = false)
    {
        (_texts, _kinds, _separates) = (texts, kinds, separates);
        _began = new long[BitOperations.RoundUpToPowerOf2((uint)texts.Longest + 1)];
        _mask = _began.Length - 1;
    }

    /// <summary>Where the beginning of a text lies that may still become one; <see cref="long.MaxValue"/> without any. Nothing is held for ever: what is left out may not be longer than a gap.</summary>
    public long Held(long end) => end - _end <= LongestGap && _texts.Depth(_state) is > 0 and var depth ? _began[(_count - depth) & _mask] : long.MaxValue;

    /// <param name="bytes">Decoded.</param>
    /// <param name="at">Where each began, from <paramref name="start"/>; empty: one after another.</param>
    /// <param name="lengths">How long each was before it was decoded; empty: 1.</param>
    public void Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> at, ReadOnlySpan<byte> lengths, long start, List<SecretFind> finds)
    {
        var (texts, kinds, began, mask, state, count, before) = (_texts, _kinds, _began, _mask, _state, _count, _end);
        for (var i = 0; i < bytes.Length; i++)
        {
            var symbol = bytes[i];
            if (kinds is not null && kinds[symbol] is not SymbolKind.Digit and var kind)
            {
                if (state != 0 && !Passes(kind, state)) state = 0;
                if (state == 0) _run = 0;
                continue;
            }
            _run++;
            _between = 0;
            _atLineEnd = false;
            var place = start + (at.IsEmpty ? i : at[i]);
            if (place - before > LongestGap) state = 0;
            before = place + (lengths.IsEmpty ? 1 : lengths[i]);
            began[count++ & mask] = place;
            state = texts.Next(state, symbol);
            if (texts.Match(state) is > 0 and var length) finds.Add(new(began[(count - length) & mask], before));
        }
        (_state, _count, _end) = (state, count, before);
    }

    // Between lines only where the line before was long enough to have been broken: prose ends in letters too, and nobody waits for its next line.
    private bool Passes(SymbolKind kind, int state)
    {
        if (kind == SymbolKind.Break) return false;
        if (kind == SymbolKind.LineEnd)
        {
            if (_run < ShortestLine || _texts.Depth(state) < ShortestBroken) return false;
            _atLineEnd = true;
        }
        else if (!_atLineEnd && !_separates) return false;
        return ++_between <= (_atLineEnd ? MostBetweenLines : MostSeparators);
    }
}
