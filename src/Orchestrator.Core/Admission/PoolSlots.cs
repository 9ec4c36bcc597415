using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Admission;

/// <summary>
/// Slots of named pools, counted over all runs of the process, and the runs that wait for one: tenants take turns there as they do for slots.
/// </summary>
/// <typeparam name="TRun">A run, told from others by reference.</typeparam>
/// <param name="sizes">Slots by pool.</param>
/// <param name="stateOf">The run as it is now.</param>
internal sealed class PoolSlots<TRun>(IReadOnlyDictionary<string, int> sizes, Func<TRun, RunState> stateOf) where TRun : class
{
    private readonly Dictionary<string, SlotTurns<TRun>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<TRun, Dictionary<string, int>> _held = [];
    private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);

    /// <summary>
    /// Free slots of a pool, below 0 when a takeover found more in use than there are. A run that was accepted while the pool was configured and is
    /// carried out now that it is not finds a pool of one slot: slow, but never stuck.
    /// </summary>
    public int Free(string pool) => (sizes.TryGetValue(pool, out var size) ? size : 1) - _used.GetValueOrDefault(pool);

    /// <summary>Attempts of a run that need the pool have started.</summary>
    public void Take(TRun run, string pool, int n)
    {
        _used[pool] = _used.GetValueOrDefault(pool) + n;
        TurnsOf(pool).Use(run, n);
    }

    /// <summary>Attempts of a run that needed the pool have ended.</summary>
    public void Release(TRun run, string pool, int n) => Take(run, pool, -n);

    /// <summary>Brings the counts up to what the run's state says after a turn.</summary>
    public void Follow(TRun run)
    {
        var now = stateOf(run).RunningInPool;
        if (_held.TryGetValue(run, out var held))
            // When the state is read again, it lists only pools in which a task has run.
            foreach (var pool in held.Keys.Where(p => held[p] > 0 && !now.ContainsKey(p)).ToArray())
            {
                Release(run, pool, held[pool]);
                held[pool] = 0;
            }
        if (now.Count == 0) return;
        if (held is null) _held.Add(run, held = new(StringComparer.Ordinal));
        foreach (var (pool, count) in now)
        {
            var before = held.GetValueOrDefault(pool);
            if (count == before) continue;
            Take(run, pool, count - before);
            held[pool] = count;
        }
    }

    /// <summary>The run has ended or is not held here any more: what it held is free.</summary>
    public void LetGo(TRun run)
    {
        if (!_held.Remove(run, out var held)) return;
        foreach (var (pool, n) in held)
            if (n > 0) Release(run, pool, n);
    }

    /// <summary>True when every task of the run that could start waits for a pool; it then waits here until one of those has a free slot.</summary>
    public bool Await(TRun run)
    {
        List<string>? full = null;
        if (stateOf(run).WantsSlotIn(HasRoom) || full is null) return false;
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
    public bool TryWake([NotNullWhen(true)] out TRun? run)
    {
        foreach (var (pool, turns) in _waiting)
            if (Free(pool) > 0 && turns.TryTake(out run)) return true;
        run = null;
        return false;
    }

    private SlotTurns<TRun> TurnsOf(string pool)
    {
        if (!_waiting.TryGetValue(pool, out var turns)) _waiting.Add(pool, turns = new(run => stateOf(run).Plan.Definition.Tenant));
        return turns;
    }
}
