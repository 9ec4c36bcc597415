using System.Text;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Reads the end of a log without reading the rest.</summary>
public static class LogTail
{
    /// <summary>
    /// The last <paramref name="lines"/> lines, oldest first, from at most <paramref name="maxBytes"/> bytes at the end; the first of them
    /// may be the end of a longer line. Invalid UTF-8 becomes U+FFFD. What is no regular file has no lines.
    /// </summary>
    public static IReadOnlyList<string> Read(string path, int lines, int maxBytes = 64 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lines);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        using var file = RegularFile.TryOpen(path);
        if (file is null) return [];
        var length = RandomAccess.GetLength(file);
        var from = SparseFile.DataBefore(file, Math.Max(0, length - maxBytes), length);   // what was dropped reads as zeros
        var bytes = new byte[length - from];
        var n = RandomAccess.Read(file, bytes, from);
        var text = Encoding.UTF8.GetString(bytes, 0, n).TrimEnd('\n');
        if (text.Length == 0) return [];
        var all = text.Split('\n');
        return all.Length <= lines ? all : all[^lines..];
    }

    /// <summary>
    /// The last line with something to read, control characters removed, at most <paramref name="maxChars"/> characters; null when there is none.
    /// </summary>
    public static string? LastWords(string path, int maxChars = 200)
    {
        foreach (var line in Read(path, 20, 4096).Reverse())
        {
            var clean = new string([.. line.Where(c => !char.IsControl(c))]).Trim();
            if (clean.Length > 0) return clean.Length <= maxChars ? clean : string.Concat(clean.AsSpan(0, maxChars - 1), "…");
        }
        return null;
    }
}
