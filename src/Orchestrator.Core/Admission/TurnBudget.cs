namespace Orchestrator.Core.Admission;

/// <summary>
/// What one turn of a run may start: fixed at the turn's beginning and used up by what the turn starts, so that nothing is
/// given out twice however often it is asked for. Pure.
/// </summary>
/// <param name="running">Attempts of the run in flight at the turn's beginning, those in a slot.</param>
/// <param name="freeSlots">Slots it may take beyond those; below zero where it must give way.</param>
/// <param name="maxParallel">Most attempts of the run at once; null: no limit of its own.</param>
/// <param name="isDraining">The worker is stopping: nothing starts.</param>
/// <param name="heldInPools">Slots of pools that the run holds at the turn's beginning, by pool.</param>
/// <param name="freeInPool">Free slots of a pool beyond those; null: pools have no limit.</param>
public sealed class TurnBudget(int running, int freeSlots, int? maxParallel, bool isDraining, IReadOnlyDictionary<string, int> heldInPools, Func<string, int>? freeInPool)
{
    // The run's own counts move during the turn.
    private readonly Dictionary<string, int>? _held = heldInPools.Count == 0 ? null : new(heldInPools, StringComparer.Ordinal);
    private readonly int _slots = isDraining ? 0 : (int)Math.Min(Math.Max(0, (long)running + freeSlots), maxParallel ?? int.MaxValue);
    private Dictionary<string, int>? _pools;

    /// <summary>Whether nothing may start, not even what needs no slot.</summary>
    public bool IsDraining { get; } = isDraining;

    /// <summary>Whether another attempt may start, if its pool has room.</summary>
    /// <param name="running">Attempts of the run in flight now.</param>
    public bool HasSlot(int running) => running < _slots;

    /// <summary>Whether a pool has room for another attempt.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="held">Slots of it that the run holds now.</param>
    public bool HasRoom(string pool, int held)
    {
        if (freeInPool is null) return true;
        _pools ??= new(StringComparer.Ordinal);
        // What was free when the pool was first asked for: slots that others give back in the meantime are for the next turn.
        if (!_pools.TryGetValue(pool, out var most)) _pools[pool] = most = (_held?.GetValueOrDefault(pool) ?? 0) + freeInPool(pool);
        return held < most;
    }
}
