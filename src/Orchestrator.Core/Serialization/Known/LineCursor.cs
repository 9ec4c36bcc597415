using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

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

    /// <summary>Whether another member follows.</summary>
    public readonly bool HasMore => _rest is [(byte)',', ..];

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

    /// <summary>A text that many lines have, so that they share one copy.</summary>
    public bool Shared(out string value)
    {
        value = "";
        if (!Text(out var text)) return false;
        value = KnownTexts.Of(text);
        return true;
    }

    /// <summary>A text that no other line need have.</summary>
    public bool Own(out string value)
    {
        value = "";
        if (!Text(out var text)) return false;
        value = Encoding.UTF8.GetString(text);
        return true;
    }

    public bool Flag(out bool value)
    {
        value = Skip("true"u8);
        return value || Skip("false"u8);
    }

    public bool Instant(out DateTimeOffset value)
    {
        value = default;
        return Text(out var text) && InstantJson.TryParse(text, out value);
    }

    public bool Id(out Guid value)
    {
        value = default;
        return Text(out var text) && Utf8Parser.TryParse(text, out value, out var length) && length == text.Length;
    }

    public bool Run(out RunId value)
    {
        var ok = Id(out var id);
        value = new(id);
        return ok;
    }

    public bool Task(out TaskId value)
    {
        value = default;
        if (!Shared(out var text) || !TaskId.IsValid(text)) return false;
        value = new(text);
        return true;
    }

    public bool Word<TEnum>(out TEnum value) where TEnum : struct, Enum
    {
        value = default;
        return Shared(out var text) && Words.TryParse(text, out value);
    }

    /// <summary>A list of texts; its opening bracket has been skipped.</summary>
    public bool Texts(out ImmutableArray<string> values)
    {
        values = [];
        if (Skip("]"u8)) return true;
        var list = ImmutableArray.CreateBuilder<string>();
        do
        {
            if (!Skip("\""u8) || !Shared(out var text)) return false;
            list.Add(text);
        }
        while (Skip(","u8));
        values = list.DrainToImmutable();
        return Skip("]"u8);
    }

    /// <summary>A list of runs; its opening bracket has been skipped.</summary>
    public bool RunIds(out ImmutableArray<RunId> values)
    {
        values = [];
        if (Skip("]"u8)) return true;
        var list = ImmutableArray.CreateBuilder<RunId>();
        do
        {
            if (!Skip("\""u8) || !Run(out var run)) return false;
            list.Add(run);
        }
        while (Skip(","u8));
        values = list.DrainToImmutable();
        return Skip("]"u8);
    }

    /// <summary>A list of tasks; its opening bracket has been skipped.</summary>
    public bool Tasks(out ImmutableArray<TaskId> values)
    {
        values = [];
        if (Skip("]"u8)) return true;
        var list = ImmutableArray.CreateBuilder<TaskId>();
        do
        {
            if (!Skip("\""u8) || !Task(out var task)) return false;
            list.Add(task);
        }
        while (Skip(","u8));
        values = list.DrainToImmutable();
        return Skip("]"u8);
    }

    /// <summary>An object without members; its opening brace has been skipped. Others are left to the general reader.</summary>
    public bool Nothing<T>(out ImmutableSortedDictionary<string, T> values)
    {
        values = ImmutableSortedDictionary<string, T>.Empty;
        return Skip("}"u8);
    }
}
