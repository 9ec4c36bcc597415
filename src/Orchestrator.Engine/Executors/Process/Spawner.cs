using System.Runtime.InteropServices;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Where a child's standard output and error go: one or two files, or one or two pipes.</summary>
internal readonly record struct ChildOutput(string? LogFile, int Output, int Error, UnixFileMode Mode = 0)
{
    /// <summary>File of standard error; null: the same as that of standard output.</summary>
    public string? ErrorFile { get; init; }

    public static ChildOutput ToFile(string path, UnixFileMode mode = 0, string? errors = null) => new(path, -1, -1, mode) { ErrorFile = errors };
}

/// <summary>
/// posix_spawn with what System.Diagnostics.Process cannot do: a group of its own, default signals (.NET ignores SIGPIPE, and an ignored
/// signal is inherited), an empty signal mask, and output straight into a file. glibc and musl run it as vfork, whatever the heap's size.
/// </summary>
internal static unsafe class Spawner
{
    private const short SetGroup = 0x02, SetDefaultSignals = 0x04, SetSignalMask = 0x08;

    // glibc: 336 and 80 bytes, musl: 336 and 80; generous, because a C library may grow them.
    private const int AttributesSize = 1024, ActionsSize = 512, SignalSetSize = 128;

    private static readonly nint Attributes = CreateAttributes();

    /// <summary>Starts the program; 0, or the error number of whichever step failed in parent or child.</summary>
    public static int Start(string program, SpawnBlock block, string directory, ChildOutput output, out int pid)
    {
        var actions = stackalloc long[ActionsSize / sizeof(long)];
        pid = 0;
        if (Libc.ActionsInit(actions) is not 0 and var error) return error;
        try
        {
            error = Libc.ActionsAddOpen(actions, 0, "/dev/null", OpenFlags.ReadOnly, 0);
            if (error == 0 && output.LogFile is { } log)
            {
                error = Libc.ActionsAddOpen(actions, 1, log, LogFile.ToAppend, (uint)output.Mode);
                if (error == 0)
                    error = output.ErrorFile is { } errors ? Libc.ActionsAddOpen(actions, 2, errors, LogFile.ToAppend, (uint)output.Mode)
                        : Libc.ActionsAddDup(actions, 1, 2);
            }
            else if (error == 0)
            {
                error = Libc.ActionsAddDup(actions, output.Output, 1);
                if (error == 0) error = Libc.ActionsAddDup(actions, output.Error, 2);
            }
            if (error == 0) error = Libc.ActionsAddDirectory(actions, directory);
            return error != 0 ? error : block.Spawn(program, actions, (void*)Attributes, out pid);
        }
        finally
        {
            _ = Libc.ActionsDestroy(actions);
        }
    }

    // Never changed after this, so that all threads share it; freed with the process.
    private static nint CreateAttributes()
    {
        AcceptChildren();
        Libc.CloseOnExecFrom(3);   // what this program itself was started with is no child's business
        var attributes = NativeMemory.AllocZeroed(AttributesSize);
        var signals = stackalloc ulong[SignalSetSize / sizeof(ulong)];
        new Span<ulong>(signals, SignalSetSize / sizeof(ulong)).Clear();
        _ = Libc.AttributesInit(attributes);
        _ = Libc.AttributesSetGroup(attributes, 0);
        _ = Libc.AttributesSetSignalMask(attributes, signals);
        signals[0] = 0x7FFF_FFFF & ~(1UL << 8) & ~(1UL << 18);   // 1 to 31 without SIGKILL and SIGSTOP
        _ = Libc.AttributesSetDefaultSignals(attributes, signals);
        _ = Libc.AttributesSetFlags(attributes, SetGroup | SetDefaultSignals | SetSignalMask);
        return (nint)attributes;
    }

    // Started by a parent that ignores SIGCHLD, this process would never learn how its children ended: the kernel would drop them.
    private static void AcceptChildren()
    {
        var action = stackalloc nint[32];
        if (Libc.SigAction(Libc.SignalChild, null, action) != 0 || action[0] != 1) return;
        new Span<nint>(action, 32).Clear();
        _ = Libc.SigAction(Libc.SignalChild, action, null);
    }
}
