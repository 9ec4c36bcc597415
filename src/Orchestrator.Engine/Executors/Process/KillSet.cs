using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>The outcome of ending processes.</summary>
/// <param name="Ended">How many were seen and are gone.</param>
/// <param name="Survivors">Numbers of those that are still there: they hang in the kernel or belong to another user.</param>
public sealed record KillReport(int Ended, IReadOnlyList<int> Survivors);

/// <summary>
/// Ends all processes of attempts, also those that left their group or session or whose worker is dead: they are known by the
/// ORCHESTRATOR_RUN_ID, TASK_ID and ATTEMPT in the environment they were started with. SIGTERM, a grace, SIGKILL, repeated until nothing
/// is left. Limit: a process that cleared or overwrote its environment and left its group is not found.
/// </summary>
public sealed class KillSet : IDisposable
{
    private const int Rounds = 20;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500), Look = TimeSpan.FromMilliseconds(50);

    private readonly Lazy<Readiness> _readiness;   // a thread, which most processes never need for this
    private readonly ProcessScans _scans = new();
    private readonly bool _ownsReadiness;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>A kill set of its own, for recovery.</summary>
    public KillSet(ProcessTaskOptions options, TimeProvider clock, ILogger<KillSet> log) : this(new Lazy<Readiness>(() => new()), options, clock, log) => _ownsReadiness = true;

    internal KillSet(Readiness readiness, ProcessTaskOptions options, TimeProvider clock, ILogger log) : this(new Lazy<Readiness>(readiness), options, clock, log)
    {
    }

    private KillSet(Lazy<Readiness> readiness, ProcessTaskOptions options, TimeProvider clock, ILogger log) =>
        (_readiness, _grace, _clock, _log) = (readiness, options.KillGrace, clock, log);

    /// <summary>Ends what belongs to a run, to one of its tasks, or to one attempt; with a grace other than the options'.</summary>
    public Task<KillReport> EndAsync(RunId run, TaskId? task = null, int? attempt = null, TimeSpan? grace = null, CancellationToken stop = default)
    {
        var name = task?.ToString();
        return EndAsync(p => p.Marks is { } m && m.Run == run && (name is null || m.Task == name) && (attempt is null || m.Attempt == attempt), grace ?? _grace, stop);
    }

    /// <summary>Ends what belongs to any of these runs: one scan of /proc for all of them.</summary>
    public Task<KillReport> EndRunsAsync(IReadOnlyCollection<RunId> runs, TimeSpan? grace = null, CancellationToken stop = default)
    {
        if (runs.Count == 0) return Task.FromResult(new KillReport(0, []));
        var wanted = runs.ToHashSet();
        return EndAsync(p => p.Marks is { } m && wanted.Contains(m.Run), grace ?? _grace, stop);
    }

    /// <summary>Ends an attempt: its group, held by the caller, and every process with its marks.</summary>
    internal Task<KillReport> EndAsync(ChildProcess child, ProcessMarks marks, TimeSpan? grace, CancellationToken stop) =>
        EndAsync(p => p.Group == child.Pid || p.Marks == marks, grace ?? _grace, stop, child);

    /// <summary>How many live processes an attempt left running.</summary>
    internal async Task<int> CountAsync(int group, ProcessMarks marks)
    {
        var count = 0;
        foreach (var seen in await _scans.ScanAsync().ConfigureAwait(false))
        {
            if (seen.Marks != marks && (seen.Group != group || seen.Marks is not null)) continue;
            using var live = ExitWatch.Take(seen, _readiness.Value);
            if (live is not null) count++;
        }
        return count;
    }

    /// <summary>Ends the waiting thread, if it is this object's own.</summary>
    public void Dispose()
    {
        if (_ownsReadiness && _readiness.IsValueCreated) _readiness.Value.Dispose();
    }

    private async Task<KillReport> EndAsync(Predicate<SeenProcess> belongs, TimeSpan grace, CancellationToken stop, ChildProcess? leader = null)
    {
        var ended = new HashSet<int>();
        var expired = grace > TimeSpan.Zero ? Task.Delay(grace, _clock, stop) : Task.CompletedTask;
        if (!expired.IsCompleted)
        {
            leader?.SignalGroup(Libc.SignalTerm);
            leader?.SignalGroup(Libc.SignalContinue);   // a stopped process would not hear the first
            var group = leader?.Pid;
            while (await AskAsync(belongs, ended, group, expired).ConfigureAwait(false) && !expired.IsCompleted) group = null;
        }
        stop.ThrowIfCancellationRequested();

        IReadOnlyList<int> alive = [];
        for (var round = 0; round < Rounds; round++)
        {
            leader?.SignalGroup(Libc.SignalKill);
            alive = await KillAsync(belongs, round == 0 && grace > TimeSpan.Zero ? grace : null).ConfigureAwait(false);
            if (alive.Count == 0) return new(ended.Count, []);
            ended.UnionWith(alive);
        }
        ExecutorLog.Survived(_log, string.Join(", ", alive));
        ended.ExceptWith(alive);
        return new(ended.Count, alive);
    }

    // One round of asking: each process is asked once (some programs take a second SIGTERM for impatience), the members of a group just
    // signalled not again. True when there may be more to wait for.
    private async Task<bool> AskAsync(Predicate<SeenProcess> belongs, HashSet<int> asked, int? signalledGroup, Task expired)
    {
        var members = await MembersAsync(belongs).ConfigureAwait(false);
        foreach (var member in members)
        {
            if (!asked.Add(member.Pid) || member.Group == signalledGroup) continue;
            member.Signal(Libc.SignalTerm);
            member.Signal(Libc.SignalContinue);
        }
        await EndedAsync(members, expired).ConfigureAwait(false);
        return members.Count > 0;
    }

    private async Task<IReadOnlyList<int>> KillAsync(Predicate<SeenProcess> belongs, TimeSpan? grace)
    {
        var members = await MembersAsync(belongs).ConfigureAwait(false);
        if (members.Count > 0 && grace is { } waited) ExecutorLog.Killing(_log, waited, members.Count);
        foreach (var member in members) member.Signal(Libc.SignalKill);
        var pids = members.ConvertAll(m => m.Pid);
        if (pids.Count > 0) await EndedAsync(members, Task.Delay(Round, TimeProvider.System)).ConfigureAwait(false);
        return pids;
    }

    private async Task<List<ExitWatch>> MembersAsync(Predicate<SeenProcess> belongs)
    {
        var members = new List<ExitWatch>();
        foreach (var seen in await _scans.ScanAsync().ConfigureAwait(false))
            if (belongs(seen) && ExitWatch.Take(seen, _readiness.Value) is { } member) members.Add(member);
        return members;
    }

    private static async Task EndedAsync(List<ExitWatch> members, Task expired)
    {
        if (members.Count > 0)
        {
            // Without a pidfd the end of a process is not told: look again soon.
            var look = members.Exists(m => !m.IsTold) ? Task.Delay(Look, TimeProvider.System) : expired;
            await Task.WhenAny(Task.WhenAll(members.Select(m => m.Ended)), expired, look).ConfigureAwait(false);
        }
        members.ForEach(m => m.Dispose());
    }
}
