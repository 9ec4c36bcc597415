using System.Buffers;
using System.Numerics;

namespace Orchestrator.Engine.Secrets;

/// <summary>
/// One automaton over a stream of encoded bytes: the start of each is remembered for the length of the longest text, and separators between digits are passed
/// over. Without digits every byte is a symbol.
/// </summary>
internal sealed class SymbolScan
{
    private const int ShortestLine = 16, ShortestBroken = 3, MaxSeparators = 2, MaxBetweenLines = 16, LongestGap = 256, LongestWindow = 16;
    private readonly FormAutomaton _texts;
    private readonly SearchValues<byte>? _digits;
    private readonly string _separators;
    private readonly SearchValues<byte>? _passed;
    private readonly int _shortestRun, _window;
    private readonly long[] _began;
    private readonly int _mask;
    private int _state, _between, _run;
    private bool _atLineEnd;
    private long _count, _end;

    /// <param name="texts">What to look for.</param>
    /// <param name="digits">The symbols; null: all bytes.</param>
    /// <param name="separators">What may stand between digits of one line.</param>
    /// <param name="passed">The digits and everything that may stand between them; null: the digits alone.</param>
    public SymbolScan(FormAutomaton texts, SearchValues<byte>? digits = null, string separators = "", SearchValues<byte>? passed = null)
    {
        (_texts, _digits, _separators, _passed) = (texts, digits, separators, passed ?? digits);
        _began = new long[BitOperations.RoundUpToPowerOf2((uint)texts.Longest + 1)];
        _mask = _began.Length - 1;
        // A shorter run of digits holds no text, nor a line of digits that goes on in the next.
        _shortestRun = separators.Length > 0 ? 0 : Math.Min(ShortestLine, texts.Shortest);
        _window = Math.Min(LongestWindow, separators.Length > 0 ? texts.Shortest : _shortestRun);
    }

    /// <summary>
    /// Where the beginning of a text lies that may still become one; <see cref="long.MaxValue"/> without any. Nothing is held for ever: what is left out
    /// may not be longer than a gap.
    /// </summary>
    public long Held(long end) => end - _end <= LongestGap && _texts.Depth(_state) is > 0 and var depth ? _began[(_count - depth) & _mask] : long.MaxValue;

    /// <param name="bytes">Decoded.</param>
    /// <param name="at">Where each began, from <paramref name="start"/>; empty: one after another.</param>
    /// <param name="lengths">How long each was before it was decoded; empty: 1.</param>
    public void Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> at, ReadOnlySpan<byte> lengths, long start, List<SecretFind> finds)
    {
        if (_texts.Longest == 0) return;
        if (_digits is null)
        {
            ReadSymbols(bytes, 0, bytes.Length, at, lengths, start, finds);
            return;
        }
        for (var i = 0; i < bytes.Length;)
        {
            if (_state == 0 && _run == 0 && (i = SkipProse(bytes, i)) == bytes.Length) return;
            if (_digits.Contains(bytes[i]))
            {
                var length = bytes[i..].IndexOfAnyExcept(_digits);
                if (length < 0) length = bytes.Length - i;
                else if (length < _shortestRun && _state == 0 && _run == 0)
                {
                    i += length;
                    continue;
                }
                ReadSymbols(bytes, i, i + length, at, lengths, start, finds);
                (_run, _between, _atLineEnd) = (_run + length, 0, false);
                i += length;
            }
            else if (_state != 0 && Passes(bytes[i])) i++;
            else
            {
                (_state, _run) = (0, 0);
                var next = bytes[i..].IndexOfAny(_digits);
                i = next < 0 ? bytes.Length : i + next;
            }
        }
    }

    /// <summary>
    /// Where the next digits may begin a text: every text is within a window of digits and what passes between them. Windows are looked at from their
    /// ends, so most bytes of prose are not looked at; what is left at the end of the bytes is not judged.
    /// </summary>
    private int SkipProse(ReadOnlySpan<byte> bytes, int from)
    {
        var passed = _passed!;
        for (var last = from + _window - 1; last < bytes.Length; last = from + _window - 1)
        {
            var other = last;
            while (other >= from && passed.Contains(bytes[other])) other--;
            if (other < from) return from;
            from = other + 1;
        }
        return from;
    }

    private void ReadSymbols(ReadOnlySpan<byte> bytes, int from, int to, ReadOnlySpan<int> at, ReadOnlySpan<byte> lengths, long start, List<SecretFind> finds)
    {
        var (texts, began, mask, state, count, before) = (_texts, _began, _mask, _state, _count, _end);
        for (var i = from; i < to; i++)
        {
            if (state == 0 && (i = texts.Skip(bytes, i, to)) == to) break;
            var place = start + (at.IsEmpty ? i : at[i]);
            if (place - before > LongestGap) state = 0;
            before = place + (lengths.IsEmpty ? 1 : lengths[i]);
            began[count++ & mask] = place;
            state = texts.Step(state, bytes[i]);
            if (state >= 0) continue;
            state &= ~FormAutomaton.Ends;
            finds.Add(new(began[(count - texts.Match(state)) & mask], before));
        }
        (_state, _count, _end) = (state, count, before);
    }

    // Between lines only where the line before was long enough to have been broken: prose ends in letters too, and its next line is not waited for.
    private bool Passes(byte value)
    {
        if (value is (byte)'\n' or (byte)'\r')
        {
            if (_run < ShortestLine || _texts.Depth(_state) < ShortestBroken) return false;
            _atLineEnd = true;
        }
        else if (_atLineEnd ? value is not ((byte)' ' or (byte)'\t') : !_separators.Contains((char)value)) return false;
        return ++_between <= (_atLineEnd ? MaxBetweenLines : MaxSeparators);
    }
}
