using System.Buffers;
using System.Buffers.Text;

namespace Orchestrator.Core.Serialization;

/// <summary>The end of a line, <c>"b":12,"f":1,"e":1,"c":"0123abcd"}</c>: read backwards, without parsing the line.</summary>
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
        var end = Strip(ref body, ",\"e\":1"u8);
        var first = Strip(ref body, ",\"f\":1"u8);
        var start = body.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9') + 1;
        if (!body[..start].EndsWith(",\"b\":"u8) || !Utf8Parser.TryParse(body[start..], out long commit, out _)) return false;
        mark = new(commit, first, end);
        return true;
    }

    /// <summary>The part of a whole line that says what happened, without where it was written: equal for two copies of one event.</summary>
    public static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> line)
    {
        var end = line.LastIndexOf(",\"b\":"u8);
        return end < 0 ? line : line[..end];
    }

    private static bool Strip(ref ReadOnlySpan<byte> body, ReadOnlySpan<byte> suffix)
    {
        if (!body.EndsWith(suffix)) return false;
        body = body[..^suffix.Length];
        return true;
    }
}
