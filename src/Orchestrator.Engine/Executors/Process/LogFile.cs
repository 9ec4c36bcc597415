using System.Globalization;
using System.Text;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Cuts a log down to its end.</summary>
internal static class LogFile
{
    private const int LongestTail = 1024 * 1024;

    /// <summary>Keeps the marker and the last lines (at most half the limit, at most 1 MiB).</summary>
    public static bool Shorten(string path, long limit)
    {
        var file = Libc.Open(path, 2 | Libc.Append | Libc.CloseOnExec, 0);
        if (file < 0) return false;
        try
        {
            using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(file, ownsHandle: false);
            var length = RandomAccess.GetLength(handle);
            var tail = new byte[Math.Min(Math.Min(limit / 2, LongestTail), length)];
            var kept = tail.AsSpan(0, RandomAccess.Read(handle, tail, length - tail.Length));
            if (kept.IndexOf((byte)'\n') is >= 0 and var line && line + 1 < kept.Length) kept = kept[(line + 1)..];
            return Libc.Truncate(file, 0) == 0 && Libc.WriteAll(file, Marker(length - kept.Length, limit)) && Libc.WriteAll(file, kept);
        }
        finally
        {
            _ = Libc.Close(file);
        }
    }

    /// <summary>The line that stands for what was dropped.</summary>
    public static byte[] Marker(long dropped, long limit) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"[orchestrator: the log passed its limit of {limit} bytes; {dropped} bytes before this line were dropped]\n"));
}
