using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Posix;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Removes the middle of a log that is too large, and appends the program's own lines.</summary>
internal static class LogFile
{
    /// <summary>How a log is opened, by a child too: no link is followed, and a FIFO does not block.</summary>
    public static readonly int ToAppend = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NonBlocking | OpenFlags.NoFollow;

    private const int LongestTail = 1024 * 1024;

    /// <summary>Logs with a smaller limit have too few blocks for a hole.</summary>
    private const long SmallestSparse = 16 * SparseFile.Block;

    /// <summary>
    /// Keeps the first half of the limit and about as much of the end. Where the file system can, the middle becomes a hole: what is written meanwhile is
    /// kept, and every offset stays. Elsewhere the file is cut after its head, and a marker and the last lines (at most 1 MiB) are written again.
    /// </summary>
    /// <param name="path">The log.</param>
    /// <param name="limit">Bytes that may stay.</param>
    /// <param name="dropped">Bytes that earlier calls dropped; afterwards including those of this call.</param>
    /// <returns>Bytes that the log takes now; -1 when it cannot be shortened.</returns>
    public static long Shorten(string path, long limit, ref long dropped)
    {
        const int flags = OpenFlags.ReadWrite | OpenFlags.NonBlocking;
        using var file = FileCalls.TryOpen(path, flags | OpenFlags.NoFollow, 0, out _);
        if (file is null || !FileCalls.IsRegular(file)) return -1;
        var length = RandomAccess.GetLength(file);
        var (from, to) = (limit / 2 / SparseFile.Block * SparseFile.Block, (length - (limit / 2) + SparseFile.Block - 1) / SparseFile.Block * SparseFile.Block);
        if (limit >= SmallestSparse && (to <= from || SparseFile.TryPunch(file, from, to - from))) return length - Math.Max(0, to - from);
        return Rewrite(path, file, limit, length, ref dropped);
    }

    /// <summary>Opens a log to append to it. A link, FIFO or socket that a task has put in its place is removed first.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static SafeFileHandle OpenToAppend(string path, UnixFileMode mode)
    {
        for (var left = 2; ; left--)
        {
            var file = FileCalls.TryOpen(path, ToAppend, mode, out var error);
            if (file is not null && FileCalls.IsRegular(file)) return file;
            file?.Dispose();
            if (file is not null) error = PosixError.NoDevice;
            if (left == 0 || !IsPlanted(error)) throw PosixError.Of(error, path);
            _ = FileCalls.Unlink(path);
        }
    }

    /// <summary>Whether an error means that there is a link, FIFO or socket where the log should be.</summary>
    public static bool IsPlanted(int error) => error is PosixError.TooManyLinks or PosixError.NoDevice;

    /// <summary>Appends a line of this program.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Note(string path, string text, UnixFileMode mode)
    {
        using var file = OpenToAppend(path, mode);
        FileCalls.WriteAll((int)file.DangerousGetHandle(), Line(text, midLine: false));
    }

    /// <summary>
    /// Puts asterisks over secrets that a log was found to hold: as many as there were bytes, so that every
    /// offset stays. What is no regular file is left alone.
    /// </summary>
    public static void Mask(string path, SecretPatterns secrets)
    {
        using var file = FileCalls.TryOpen(path, OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.NoFollow, 0, out _);
        if (file is null || !FileCalls.IsRegular(file)) return;
        var length = RandomAccess.GetLength(file);
        var (chunk, found) = (new byte[Math.Min(length, 64 * 1024)], false);
        for (long at = 0; at < length;)
        {
            var hole = SparseFile.HoleAfter(file, at, length);
            found |= MaskPart(file, at, hole?.From ?? length, chunk, new(secrets));
            at = hole?.To ?? length;
        }
        if (found) RandomAccess.FlushToDisk(file);   // before the attempt's end is recorded: a power cut does not bring it back
    }

    private static bool MaskPart(SafeFileHandle file, long from, long to, byte[] chunk, SecretScan scan)
    {
        var found = false;
        for (var at = from; at < to;)
        {
            var n = RandomAccess.Read(file, chunk.AsSpan(0, (int)Math.Min(chunk.Length, to - at)), at);
            at += n;
            scan.Read(chunk.AsSpan(0, n), isEnd: n == 0 || at >= to);
            foreach (var find in scan.Finds)
            {
                var stars = new byte[find.To - find.From];
                stars.AsSpan().Fill((byte)'*');
                RandomAccess.Write(file, stars, from + find.From);
            }
            found |= scan.Finds.Count > 0;
            scan.Finds.Clear();
            if (n == 0) break;
        }
        return found;
    }

    /// <summary>What is said where bytes were dropped.</summary>
    public static string DroppedText(long bytes) => string.Create(CultureInfo.InvariantCulture, $"the log passed its limit; {bytes} bytes were dropped here");

    /// <summary>A message of this program, on a line of its own.</summary>
    public static byte[] Line(string text, bool midLine) => Encoding.UTF8.GetBytes($"{(midLine ? "\n" : "")}[orchestrator: {text}]\n");

    private static long Rewrite(string path, SafeFileHandle file, long limit, long length, ref long dropped)
    {
        var tail = new byte[Math.Min(Math.Min(limit / 4, LongestTail), length)];
        var kept = tail.AsSpan(0, RandomAccess.Read(file, tail, length - tail.Length));
        if (kept.IndexOf((byte)'\n') is >= 0 and var line && line + 1 < kept.Length) kept = kept[(line + 1)..];
        var head = limit / 2;
        dropped += Math.Max(0, length - head - kept.Length);
        Span<byte> last = stackalloc byte[1];
        var begun = RandomAccess.Read(file, last, head - 1) == 1 && last[0] != '\n';
        // A descriptor that appends: the child may write at any moment, and nothing may land on its bytes.
        using var end = FileCalls.TryOpen(path, OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.NonBlocking | OpenFlags.NoFollow, 0, out _);
        if (end is null) return -1;
        byte[] all = [.. Line(DroppedText(dropped), begun), .. kept];
        return FileCalls.Truncate((int)file.DangerousGetHandle(), head) == 0 && FileCalls.WriteAll((int)end.DangerousGetHandle(), all) ? head + all.Length : -1;
    }
}
