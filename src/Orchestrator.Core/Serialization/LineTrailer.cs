using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Orchestrator.Core.Serialization;

/// <summary>The end of a line, <c>"b":12,"f":4096,"e":1,"c":"0123abcd"}</c>: read backwards, without parsing the line.</summary>
public static class LineTrailer
{
    private const int Length = 16;   // ,"c":"0123abcd"}

    internal static void Append(ArrayBufferWriter<byte> line)
    {
        var crc = Crc32C.Of(line.WrittenSpan);
        var tail = line.GetSpan(Length + 1);
        ",\"c\":\""u8.CopyTo(tail);
        Utf8Formatter.TryFormat(crc, tail[6..], out _, new StandardFormat('x', 8));
        "\"}\n"u8.CopyTo(tail[14..]);
        line.Advance(Length + 1);
    }

    /// <summary>
    /// Checks a line without its newline and reads its mark; false when it is not whole: torn, changed or not a journal line.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out LineMark mark)
    {
        mark = default;
        if (line.Length < Length + 8) return false;
        var tail = line[^Length..];
        var body = line[..^Length];
        if (!tail.StartsWith(",\"c\":\""u8) || !tail.EndsWith("\"}"u8)) return false;
        if (!Utf8Parser.TryParse(tail.Slice(6, 8), out uint crc, out var digits, 'x') || digits != 8 || crc != Crc32C.Of(body)) return false;
        if (!TryStrip(ref body, ",\"e\":"u8, out var lines) || lines > int.MaxValue || !TryStrip(ref body, ",\"f\":"u8, out var from)) return false;
        if (!TryStrip(ref body, ",\"b\":"u8, out var commit) || commit < 0) return false;
        mark = new(commit, Math.Max(from, 0), (int)Math.Max(lines, 0));
        return true;
    }

    /// <summary>The part of a whole line that says what happened, without where it was written: equal for two copies of one event.</summary>
    public static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> line)
    {
        var end = line.LastIndexOf(",\"b\":"u8);
        return end < 0 ? line : line[..end];
    }

    /// <summary>The line with another mark: the same fact at another place, whatever version it was written by.</summary>
    public static void Mark(IBufferWriter<byte> output, ReadOnlySpan<byte> line, LineMark mark)
    {
        var moved = new ArrayBufferWriter<byte>(line.Length + 64);
        moved.Write(Content(line));
        Span<byte> number = stackalloc byte[20];
        foreach (var (name, value) in ((string, long)[])[("b", mark.Commit), ("f", mark.From), ("e", mark.Lines)])
        {
            if (value == 0) continue;
            moved.Write(Encoding.ASCII.GetBytes($",\"{name}\":"));
            Utf8Formatter.TryFormat(value, number, out var length);
            moved.Write(number[..length]);
        }
        Append(moved);
        output.Write(moved.WrittenSpan);
    }

    // -1: there is no such field, which only a commit's number may not be.
    private static bool TryStrip(ref ReadOnlySpan<byte> body, ReadOnlySpan<byte> name, out long value)
    {
        value = -1;
        var start = body.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9') + 1;
        if (!body[..start].EndsWith(name)) return true;
        if (!Utf8Parser.TryParse(body[start..], out value, out var length) || start + length != body.Length) return false;
        body = body[..(start - name.Length)];
        return true;
    }
}
