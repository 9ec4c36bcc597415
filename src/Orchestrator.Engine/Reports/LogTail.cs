using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Reports;

/// <summary>The last lines of an attempt's log, whatever its size.</summary>
internal static class LogTail
{
    private const int MaxBytes = 8 * 1024;
    private const int MaxLines = 20;

    /// <summary>Null when there is no such log, or it cannot be read.</summary>
    public static string? Read(IRunFiles files, RunId run, string logRef)
    {
        try
        {
            using var log = files.Open(run, logRef);
            return log is null ? null : Of(log.SafeFileHandle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <exception cref="IOException">It cannot be read.</exception>
    internal static string Of(SafeFileHandle file)
    {
        var size = RandomAccess.GetLength(file);
        var from = SparseFile.DataBefore(file, Math.Max(0, size - MaxBytes), size);   // what was dropped reads as zeros
        var cut = from > 0;
        var bytes = new byte[size - from];
        var length = RandomAccess.Read(file, bytes, from);
        var lines = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\n').Split('\n');
        // Where the cut falls inside a line, that line is dropped rather than shown by half.
        var whole = cut && lines.Length > 1 ? lines[1..] : lines;
        return string.Join('\n', whole.TakeLast(MaxLines));
    }
}
