using System.Buffers.Text;

namespace Orchestrator.Core.Serialization.Known;

/// <summary>
/// Goes through bytes that this program has written itself and therefore knows to the letter. Every step says whether what it expected was
/// there; who gets a no leaves the line to the general reader. Escapes, exponents and whitespace are a no.
/// </summary>
internal ref struct LineCursor(ReadOnlySpan<byte> bytes)
{
    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public bool Skip(ReadOnlySpan<byte> expected)
    {
        if (!_rest.StartsWith(expected)) return false;
        _rest = _rest[expected.Length..];
        return true;
    }

    /// <summary>A text up to its closing quote; the opening one has been skipped.</summary>
    public bool Text(out ReadOnlySpan<byte> text)
    {
        text = default;
        var end = _rest.IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0 || _rest[end] != '"') return false;
        text = _rest[..end];
        _rest = _rest[(end + 1)..];
        return true;
    }

    public bool Whole(out long value)
    {
        // "1.5" would stop at the point, which no caller expects next.
        if (!Utf8Parser.TryParse(_rest, out value, out var length)) return false;
        _rest = _rest[length..];
        return true;
    }

    public bool Whole(out int value)
    {
        if (!Utf8Parser.TryParse(_rest, out value, out var length)) return false;
        _rest = _rest[length..];
        return true;
    }

    /// <summary>A decimal of at most 15 digits: digits and power of ten are exact, so one division gives the nearest double.</summary>
    public bool Number(out double value)
    {
        value = 0;
        long digits = 0;
        int at = 0, count = 0, point = -1;
        var negative = _rest is [(byte)'-', ..];
        if (negative) at = 1;
        for (; at < _rest.Length; at++)
        {
            var c = _rest[at];
            if (c is >= (byte)'0' and <= (byte)'9')
            {
                if (++count > 15) return false;
                digits = (digits * 10) + (c - '0');
            }
            else if (c == '.' && point < 0 && count > 0) point = count;
            else if (c is (byte)',' or (byte)'}') break;
            else return false;
        }
        if (count == 0 || point == count) return false;
        value = point < 0 ? digits : digits / Powers[count - point];
        if (negative) value = -value;
        _rest = _rest[at..];
        return true;
    }
}
