using System.Collections.Concurrent;
using System.Globalization;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Reads, each second, the largest resident size (VmHWM) of every process in the groups of running attempts. What the kernel tells of an ended process
/// begins with the peak of the worker that started it; this begins with the program itself. A process that takes less than a second is not seen.
/// </summary>
internal sealed class PeakSizes
{
    private readonly ConcurrentDictionary<int, ChildProcess> _groups = [];
    private readonly EachSecond _each;

    public PeakSizes(EachSecond each)
    {
        _each = each;
        each.Add(Look);
    }

    /// <summary>Looks at the child and its group from now on.</summary>
    public void Add(ChildProcess child)
    {
        _groups[child.Pid] = child;
        _each.Arm();
    }

    public void Remove(ChildProcess child) => _groups.TryRemove(KeyValuePair.Create(child.Pid, child));

    private bool Look()
    {
        if (_groups.IsEmpty) return false;
        foreach (var pid in ProcessTable.Pids())
            // A group's number belongs to it while its leader is not reaped. A process's may have been given away while its file was read.
            if (Libc.GroupOf(pid) is > 0 and var group && _groups.TryGetValue(group, out var child) && PeakOf(pid) is { } peak && Libc.GroupOf(pid) == group)
                child.SeePeak(peak);
        return !_groups.IsEmpty;
    }

    /// <summary>KiB; null for a process that has ended.</summary>
    internal static long? PeakOf(int pid)
    {
        Span<byte> status = stackalloc byte[4096];
        var file = FileCalls.OpenDescriptor(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"), OpenFlags.ReadOnly | OpenFlags.CloseOnExec, 0);
        if (file < 0) return null;
        var length = FileCalls.Read(file, status);
        _ = FileCalls.Close(file);
        return length <= 0 ? null : Read(status[..length]);
    }

    private static long? Read(ReadOnlySpan<byte> status)
    {
        var at = status.IndexOf("\nVmHWM:"u8);
        if (at < 0) return null;
        var number = status[(at + 7)..].TrimStart(" \t"u8);
        return System.Buffers.Text.Utf8Parser.TryParse(number, out long kib, out _) ? kib : null;
    }
}
