using System.Runtime.InteropServices;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>The calls of the C library for processes that .NET does not offer. Linux, 64 bit; glibc and musl.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    public const int SignalKill = 9, SignalTerm = 15, SignalContinue = 18, SignalChild = 17;
    public const int ByPid = 1, ByPidFd = 3;
    public const int WaitExited = 4, WaitNoHang = 1, WaitLeave = 0x01000000;

    public const int NotFound = 2, NoSuchProcess = 3, Interrupted = 4, TooBig = 7, NotExecutable = 8, NoChild = 10, TryAgain = 11, NoMemory = 12,
        AccessDenied = 13, NotDirectory = 20, TooManyFiles = 24, TextBusy = 26, TooManyLinks = 40;

    [LibraryImport(Library, EntryPoint = "posix_spawn")]
    public static partial int PosixSpawn(int* pid, byte* path, void* actions, void* attributes, byte** argv, byte** envp);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(void* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setpgroup")]
    public static partial int AttributesSetGroup(void* attributes, int group);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetDefaultSignals(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetSignalMask(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int ActionsInit(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int ActionsDestroy(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ActionsAddOpen(void* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int ActionsAddDup(void* actions, int from, int to);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ActionsAddDirectory(void* actions, string path);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    public static partial int WaitId(int idType, int id, void* signalFacts, int options);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(Library, EntryPoint = "getpgid", SetLastError = true)]
    public static partial int GroupOf(int pid);

    [LibraryImport(Library, EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SigAction(int signal, void* action, void* previous);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, void* change);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, void* events, int capacity, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, nint value);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollRequest* requests, nuint count, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, void* c, nint d, void* e);

    [LibraryImport(Library, EntryPoint = "getrusage", SetLastError = true)]
    public static partial int UsageOf(int who, long* usage);

    /// <summary>
    /// The kernel's own waitid, which also tells what the process used; the C library's leaves that out. Its number differs between
    /// architectures: on others than these two the C library is asked and nothing is known of the usage.
    /// </summary>
    public static int WaitId(int idType, int id, void* signalFacts, int options, long* usage)
    {
        if (WaitIdNumber == 0) return WaitId(idType, id, signalFacts, options);
        return (int)SystemCall(WaitIdNumber, idType, id, signalFacts, options, usage);
    }

    private static int WaitIdNumber => RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 247, Architecture.Arm64 => 95, _ => 0 };

    // These numbers are the same on every architecture: they are younger than the common table.
    public static int PidFdOpen(int pid) => (int)SystemCall(434, pid, 0, 0, 0);

    public static int PidFdSignal(int pidfd, int signal) => (int)SystemCall(424, pidfd, signal, 0, 0);

    /// <summary>Marks all descriptors from this one on (close_range, Linux 5.11; older kernels leave inherited ones as they are).</summary>
    public static void CloseOnExecFrom(int first) => SystemCall(436, first, int.MaxValue, 4, 0);

    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>Whether a read would not block now; for a pidfd: whether the process has ended.</summary>
    public static bool IsReady(int descriptor)
    {
        var request = new PollRequest { Descriptor = descriptor, Wanted = 1 };
        return Poll(&request, 1, 0) > 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Wanted;
        public short Seen;
    }
}
