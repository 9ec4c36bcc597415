using System.Globalization;
using System.Text;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Cuts a log down to its end, and puts lines of ours into it.</summary>
internal static class LogFile
{
    private const int LongestTail = 1024 * 1024;

    /// <summary>Keeps the marker and the last lines (at most half the limit, at most 1 MiB).</summary>
    public static bool Shorten(string path, long limit)
    {
        var file = FileCalls.OpenDescriptor(path, OpenFlags.ReadWrite | OpenFlags.Append | OpenFlags.NonBlocking | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0);
        if (file < 0) return false;
        try
        {
            using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(file, ownsHandle: false);
            var length = RandomAccess.GetLength(handle);
            var tail = new byte[Math.Min(Math.Min(limit / 2, LongestTail), length)];
            var kept = tail.AsSpan(0, RandomAccess.Read(handle, tail, length - tail.Length));
            if (kept.IndexOf((byte)'\n') is >= 0 and var line && line + 1 < kept.Length) kept = kept[(line + 1)..];
            return FileCalls.Truncate(file, 0) == 0 && FileCalls.WriteAll(file, Marker(length - kept.Length, limit)) && FileCalls.WriteAll(file, kept);
        }
        finally
        {
            _ = FileCalls.Close(file);
        }
    }

    /// <summary>Appends a line of ours; whatever else a task has put in the log's place is left alone.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Note(string path, string text, UnixFileMode mode)
    {
        using var file = FileCalls.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NonBlocking | OpenFlags.NoFollow, mode);
        if (FileCalls.IsRegular(file)) FileCalls.WriteAll((int)file.DangerousGetHandle(), Encoding.UTF8.GetBytes($"[orchestrator: {text}]\n"));
    }

    /// <summary>The line that stands for what was dropped.</summary>
    public static byte[] Marker(long dropped, long limit) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"[orchestrator: the log passed its limit of {limit} bytes; {dropped} bytes before this line were dropped]\n"));
}
