using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Told once each time its descriptor can be read. Called on the one waiting thread: be quick, never block.</summary>
internal interface IReadinessListener
{
    void OnReady();
}

/// <summary>
/// One thread in epoll for all pidfds and pipes of a process. Each watch fires once and must be armed again. Watches have ids of their
/// own because a descriptor's number is reused as soon as it is closed, while an event for the old one may still be under way.
/// </summary>
internal sealed unsafe class Readiness : IDisposable
{
    private const int Add = 1, Remove = 2, Modify = 3, Batch = 64;
    private const uint ReadableOnce = 0x001 | 0x40000000;
    private const long WakeUp = 0;

    // The kernel packs epoll_event on x86-64 only.
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int Stride = Packed ? 12 : 16, IdOffset = Packed ? 4 : 8;

    private readonly ConcurrentDictionary<long, IReadinessListener> _watches = new();
    private readonly int _epoll, _wake;
    private readonly Thread _thread;
    private long _lastId = WakeUp;
    private volatile bool _stopped;

    public Readiness()
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("Process tasks need Linux (posix_spawn, epoll, /proc).");
        _epoll = Libc.EpollCreate(OpenFlags.CloseOnExec);
        _wake = _epoll < 0 ? -1 : Libc.EventDescriptor(0, OpenFlags.CloseOnExec);
        if (_wake < 0) throw new Win32Exception(Libc.LastError, "Cannot wait for processes: epoll or eventfd failed.");
        Control(Add, _wake, WakeUp);
        _thread = new Thread(Run) { IsBackground = true, Name = "orchestrator-processes" };
        _thread.Start();
    }

    /// <summary>Watches a descriptor; the id names the watch from now on. False when the kernel has no room for another.</summary>
    public bool TryWatch(int descriptor, IReadinessListener listener, out long id)
    {
        id = Interlocked.Increment(ref _lastId);
        _watches[id] = listener;
        return Control(Add, descriptor, id) || (_watches.TryRemove(id, out _) && false);
    }

    /// <summary>Asks for one more call.</summary>
    public void Rearm(int descriptor, long id) => Control(Modify, descriptor, id);

    /// <summary>Ends a watch that has fired and was not armed again: the descriptor may be closed, and the kernel forgets it then.</summary>
    public void ForgetFired(long id) => _watches.TryRemove(id, out _);

    /// <summary>Ends a watch; call before closing the descriptor. One call may still be under way.</summary>
    public void Forget(int descriptor, long id)
    {
        if (_watches.TryRemove(id, out _) && !_stopped) Control(Remove, descriptor, id);
    }

    public void Dispose()
    {
        if (_stopped) return;
        _stopped = true;
        FileCalls.WriteAll(_wake, BitConverter.GetBytes(1L));
        if (Environment.CurrentManagedThreadId != _thread.ManagedThreadId) _thread.Join();
        FileCalls.Close(_epoll);
        FileCalls.Close(_wake);
    }

    private bool Control(int operation, int descriptor, long id)
    {
        var change = stackalloc byte[16];
        *(uint*)change = ReadableOnce;
        Unaligned(change + IdOffset) = id;
        return Libc.EpollControl(_epoll, operation, descriptor, change) == 0;
    }

    private void Run()
    {
        var events = stackalloc byte[Batch * 16];
        while (!_stopped)
        {
            var n = Libc.EpollWait(_epoll, events, Batch, -1);
            for (var i = 0; i < n; i++)
                if (_watches.TryGetValue(Unaligned(events + (i * Stride) + IdOffset), out var listener)) listener.OnReady();
        }
    }

    private static ref long Unaligned(byte* at) => ref *(long*)at;
}
