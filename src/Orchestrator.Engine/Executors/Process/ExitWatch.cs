using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// A hold on some process through its pidfd: signals reach this very process or none, even if its number is reused. Where pidfds are
/// missing the number is used, checked just before.
/// </summary>
internal sealed class ExitWatch : IReadinessListener, IDisposable
{
    private readonly Readiness _readiness;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _pidfd;
    private readonly long _watch;

    private ExitWatch(SeenProcess seen, int pidfd, Readiness readiness)
    {
        (Pid, Group, _pidfd, _readiness) = (seen.Pid, seen.Group, pidfd, readiness);
        IsTold = pidfd >= 0 && readiness.TryWatch(pidfd, this, out _watch);
    }

    public int Pid { get; }

    public int Group { get; }

    /// <summary>Whether <see cref="Ended"/> will be told.</summary>
    public bool IsTold { get; }

    /// <summary>Completes when the process has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes hold of a process that was seen; null when it has ended or its number belongs to another process by now.</summary>
    public static ExitWatch? Take(SeenProcess seen, Readiness readiness)
    {
        var pidfd = Libc.PidFdOpen(seen.Pid);
        if (pidfd < 0 && Libc.LastError == Libc.NoSuchProcess) return null;
        var ended = pidfd >= 0 && Libc.IsReady(pidfd);   // a zombie: its parent has not looked yet
        if (!ended && Libc.GroupOf(seen.Pid) == seen.Group && ProcessTable.MarksOf(seen.Pid) == seen.Marks) return new(seen, pidfd, readiness);
        if (pidfd >= 0) _ = FileCalls.Close(pidfd);
        return null;
    }

    public void Signal(int signal) => _ = _pidfd >= 0 ? Libc.PidFdSignal(_pidfd, signal) : Libc.Kill(Pid, signal);

    public void OnReady() => _ended.TrySetResult();

    public void Dispose()
    {
        if (_pidfd < 0) return;
        _readiness.Forget(_pidfd, _watch);
        _ = FileCalls.Close(_pidfd);
    }
}
