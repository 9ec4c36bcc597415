using System.Buffers;
using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>What the environment of a process says about the attempt that started it.</summary>
internal readonly record struct ProcessMarks(RunId Run, string Task, int Attempt);

/// <summary>A process seen in /proc. No marks: it was not started by an attempt, cleared its environment, or is not ours to read.</summary>
internal readonly record struct SeenProcess(int Pid, int Group, ProcessMarks? Marks);

/// <summary>Reads /proc: all processes with their groups and marks.</summary>
internal static class ProcessTable
{
    private const int LargestEnvironment = 4 * 1024 * 1024;

    public static List<SeenProcess> Scan()
    {
        var seen = new List<SeenProcess>();
        foreach (var pid in Pids())
            if (Libc.GroupOf(pid) is >= 0 and var group) seen.Add(new(pid, group, MarksOf(pid)));
        return seen;
    }

    /// <summary>Numbers of all processes but this one.</summary>
    public static IEnumerable<int> Pids() => new System.IO.Enumeration.FileSystemEnumerable<int>(
        "/proc", static (ref e) => int.TryParse(e.FileName, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0,
        new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true }).Where(pid => pid != 0 && pid != Environment.ProcessId);

    public static ProcessMarks? MarksOf(int pid)
    {
        var file = FileCalls.OpenDescriptor(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"), OpenFlags.ReadOnly | OpenFlags.CloseOnExec, 0);
        if (file < 0) return null;
        var buffer = ArrayPool<byte>.Shared.Rent(8192);
        try
        {
            var length = 0;
            for (int n; length < LargestEnvironment && (n = FileCalls.Read(file, buffer.AsSpan(length))) > 0;)
            {
                length += n;
                if (length < buffer.Length) continue;
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                buffer = larger;
            }
            return Parse(buffer.AsSpan(0, length));
        }
        finally
        {
            _ = FileCalls.Close(file);
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static ProcessMarks? Parse(ReadOnlySpan<byte> environment) =>
        RunId.TryParse(Value(environment, "ORCHESTRATOR_RUN_ID="u8), out var run)
        && Value(environment, "ORCHESTRATOR_TASK_ID="u8) is { } task
        && int.TryParse(Value(environment, "ORCHESTRATOR_ATTEMPT="u8), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            ? new(run, task, attempt) : null;

    private static string? Value(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> name)
    {
        for (var from = 0; environment[from..].IndexOf(name) is >= 0 and var at; from += at + name.Length)
        {
            var start = from + at;
            if (start > 0 && environment[start - 1] != 0) continue;   // the end of another variable's name or value
            var value = environment[(start + name.Length)..];
            var end = value.IndexOf((byte)0);
            return System.Text.Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
        }
        return null;
    }
}
