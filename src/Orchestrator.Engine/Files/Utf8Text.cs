using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Orchestrator.Engine.Files;

/// <summary>Text of files and bodies that must be UTF-8, without replacing anything.</summary>
internal static class Utf8Text
{
    /// <summary>The offset of the first byte that is part of no character; -1 when all are.</summary>
    public static int InvalidAt(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes)) return -1;
        for (var at = 0; at < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) != OperationStatus.Done) return at;
            at += length;
        }
        return -1;
    }

    /// <summary>The text, without a byte order mark; null with the offset where it is not UTF-8.</summary>
    public static string? TryDecode(ReadOnlySpan<byte> bytes, out int invalidAt)
    {
        var mark = bytes.StartsWith(Encoding.UTF8.Preamble) ? 3 : 0;
        invalidAt = InvalidAt(bytes[mark..]);
        if (invalidAt < 0) return Encoding.UTF8.GetString(bytes[mark..]);
        invalidAt += mark;
        return null;
    }
}
