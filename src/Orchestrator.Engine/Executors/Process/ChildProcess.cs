using System.Runtime.InteropServices;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// A process this program started, leader of its own group. It is reaped when it ends, unless it is held: a zombie keeps its number,
/// so that a signal to the group cannot hit a stranger that got the number since.
/// </summary>
internal sealed unsafe class ChildProcess : IReadinessListener
{
    private readonly Readiness _readiness;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _exited;   // only where somebody waits for the end alone
    private int _pidfd;
    private long _watch;
    private readonly long _inheritedPeak = UsageFacts.OwnPeak();   // the program has begun: what it took over from this process is settled
    private long _seenPeak;
    private bool _held, _ended, _reaped;

    private ChildProcess(int pid, int pidfd, Readiness readiness) => (Pid, _pidfd, _readiness) = (pid, pidfd, readiness);

    /// <summary>Its number, which is also its group's.</summary>
    public int Pid { get; }

    /// <summary>Completes when the process has ended, or after a call of <see cref="Wake"/>.</summary>
    public Task Woken => _woken.Task;

    /// <summary>How it ended, once it has.</summary>
    public ExitStatus Status { get; private set; }

    /// <summary>What it and those it waited for used, once it has ended; null where that is not known.</summary>
    public ProcessUsage? Usage
    {
        get => UsageFacts.AtLeast(field, Volatile.Read(ref _seenPeak));
        private set;
    }

    /// <summary>One of its group is known to have held as many KiB.</summary>
    public void SeePeak(long kib)
    {
        if (kib > _seenPeak) Volatile.Write(ref _seenPeak, kib);
    }

    /// <summary>Completes when the process has ended.</summary>
    public Task Exited
    {
        get
        {
            lock (_gate) return _ended ? Task.CompletedTask : (_exited ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Wakes the waiters.</summary>
    public void Wake() => _woken.TrySetResult();

    /// <summary>Waits for a process just started, through its pidfd or, where there is none (Linux before 5.3, no descriptors left), a thread.</summary>
    public static ChildProcess Watch(int pid, Readiness readiness)
    {
        var child = new ChildProcess(pid, Libc.PidFdOpen(pid), readiness);
        if (child._pidfd < 0 || !child.TryWatch())
            new Thread(child.WaitOnThread, maxStackSize: 128 * 1024) { IsBackground = true, Name = "orchestrator-wait" }.Start();
        return child;
    }

    public void OnReady()
    {
        lock (_gate)
        {
            if (_ended) return;
            var facts = stackalloc int[32];
            new Span<int>(facts, 32).Clear();
            var usage = stackalloc long[UsageFacts.Size];
            new Span<long>(usage, UsageFacts.Size).Clear();
            var leave = _held ? Libc.WaitLeave : 0;
            var error = _pidfd < 0 ? Wait(Libc.ByPid, Pid, facts, leave, usage) : Wait(Libc.ByPidFd, _pidfd, facts, leave | Libc.WaitNoHang, usage);
            if (error == 0 && facts[4] == 0)
            {
                _readiness.Rearm(_pidfd, _watch);
                return;
            }
            _ended = true;
            _reaped = !_held || error != 0;
            Status = error != 0 ? default : Read(facts);
            if (error == 0) Usage = UsageFacts.Read(new(usage, UsageFacts.Size), _inheritedPeak);
            CloseDescriptor();
            _exited?.TrySetResult();
        }
        _woken.TrySetResult();
    }

    /// <summary>Keeps the number from being reused until <see cref="Release"/>; false when the process has ended already.</summary>
    public bool TryHold()
    {
        lock (_gate) return !_ended && (_held = true);
    }

    /// <summary>Lets a held process be reaped, now or when it ends.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _held = false;
            if (!_ended || _reaped) return;
            _reaped = true;
            var facts = stackalloc int[32];
            _ = Wait(Libc.ByPid, Pid, facts, Libc.WaitNoHang);
        }
    }

    /// <summary>Signals the whole group, as long as its number is surely ours.</summary>
    public void SignalGroup(int signal)
    {
        lock (_gate)
            if (!_reaped) _ = Libc.Kill(-Pid, signal);
    }

    /// <summary>
    /// Whether a reaped child's group has other members. While it has, the number cannot be given away; when it has none, a stranger's
    /// group could have the number, which a look at the members' environment settles.
    /// </summary>
    public bool GroupMayLive => Libc.Kill(-Pid, 0) == 0;

    private bool TryWatch()
    {
        lock (_gate)   // it may end before the watch's id is stored
        {
            if (_readiness.TryWatch(_pidfd, this, out _watch)) return true;
            _ = FileCalls.Close(_pidfd);
            _pidfd = -1;
            return false;
        }
    }

    private void WaitOnThread()
    {
        var facts = stackalloc int[32];
        _ = Wait(Libc.ByPid, Pid, facts, Libc.WaitLeave);
        OnReady();
    }

    private void CloseDescriptor()
    {
        if (_pidfd < 0) return;
        _readiness.ForgetFired(_watch);
        _ = FileCalls.Close(_pidfd);
        _pidfd = -1;
    }

    private static int Wait(int idType, int id, int* facts, int options, long* usage = null)
    {
        while (Libc.WaitId(idType, id, facts, Libc.WaitExited | options, usage) != 0)
            if (Marshal.GetLastPInvokeError() is not Libc.Interrupted and var error) return error;
        return 0;
    }

    // siginfo_t of SIGCHLD: si_code is the third int, si_pid the fifth, si_status the seventh; CLD_EXITED is 1.
    private static ExitStatus Read(int* facts) => facts[2] == 1 ? new(facts[6], null) : new(null, facts[6]);
}
