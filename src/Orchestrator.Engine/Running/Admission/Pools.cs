using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Engine.Running.Admission;

/// <summary>
/// Slots of named pools, counted over all runs of the process, and the runs that wait for one: tenants take turns there as they do for slots.
/// Belongs to the loop.
/// </summary>
internal sealed class Pools(IReadOnlyDictionary<string, int> sizes)
{
    private readonly Dictionary<string, SlotTurns> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);

    /// <summary>
    /// Free slots of a pool, below 0 when a takeover found more in use than there are. A run that was accepted while the pool was configured and is
    /// carried out now that it is not finds a pool of one slot: slow, but never stuck.
    /// </summary>
    public int Free(string pool) => (sizes.TryGetValue(pool, out var size) ? size : 1) - _used.GetValueOrDefault(pool);

    /// <summary>Attempts of a run that need the pool have started.</summary>
    public void Take(OpenRun run, string pool, int n)
    {
        _used[pool] = _used.GetValueOrDefault(pool) + n;
        TurnsOf(pool).Use(run, n);
    }

    /// <summary>Attempts of a run that needed the pool have ended.</summary>
    public void Release(OpenRun run, string pool, int n) => Take(run, pool, -n);

    /// <summary>Brings the counts up to what the run's state says after a turn.</summary>
    public void Follow(OpenRun run, IEnumerable<string>? others = null)
    {
        // A pool that nothing of the run runs in any more is not among those of its state.
        foreach (var pool in others ?? [])
            if (run.HeldInPools is { } kept && kept.GetValueOrDefault(pool) is > 0 and var n && !run.State.RunningInPool.ContainsKey(pool))
            {
                Release(run, pool, n);
                kept[pool] = 0;
            }
        if (run.State.RunningInPool.Count == 0) return;
        var held = run.HeldInPools ??= new(StringComparer.Ordinal);
        foreach (var (pool, now) in run.State.RunningInPool)
        {
            var before = held.GetValueOrDefault(pool);
            if (now == before) continue;
            Take(run, pool, now - before);
            held[pool] = now;
        }
    }

    /// <summary>The run is not held here any more: what it held is free.</summary>
    public void LetGo(OpenRun run)
    {
        if (run.HeldInPools is not { } held) return;
        foreach (var (pool, n) in held)
            if (n > 0) Release(run, pool, n);
        run.HeldInPools = null;
    }

    /// <summary>True when every task of the run that could start waits for a pool; it then waits here until one of those has a free slot.</summary>
    public bool Await(OpenRun run)
    {
        List<string>? full = null;
        if (run.State.WantsSlotIn(HasRoom) || full is null) return false;
        foreach (var pool in full) TurnsOf(pool).Add(run);
        return true;

        bool HasRoom(string pool)
        {
            if (Free(pool) > 0) return true;
            (full ??= []).Add(pool);
            return false;
        }
    }

    /// <summary>A run to be asked again because a pool it waits for has a free slot.</summary>
    public bool TryWake([NotNullWhen(true)] out OpenRun? run)
    {
        foreach (var (pool, turns) in _waiting)
            if (Free(pool) > 0 && turns.TryTake(out run)) return true;
        run = null;
        return false;
    }

    private SlotTurns TurnsOf(string pool)
    {
        if (!_waiting.TryGetValue(pool, out var turns)) _waiting.Add(pool, turns = new());
        return turns;
    }
}
