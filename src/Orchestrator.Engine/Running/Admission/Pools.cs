using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Engine.Running.Admission;

/// <summary>Slots of named pools, counted over all runs of the process. Belongs to the loop.</summary>
internal sealed class Pools(IReadOnlyDictionary<string, int> sizes)
{
    private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);

    /// <summary>
    /// Free slots of a pool, below 0 when a takeover found more in use than there are. A run that was accepted while the pool was configured and is
    /// carried out now that it is not finds a pool of one slot: slow, but never stuck.
    /// </summary>
    public int Free(string pool) => (sizes.TryGetValue(pool, out var size) ? size : 1) - _used.GetValueOrDefault(pool);

    /// <summary>Attempts that need the pool have started.</summary>
    public void Take(string pool, int n) => _used[pool] = _used.GetValueOrDefault(pool) + n;

    /// <summary>Attempts that needed the pool have ended.</summary>
    public void Release(string pool, int n)
    {
        var left = _used.GetValueOrDefault(pool) - n;
        if (left == 0) _used.Remove(pool);
        else _used[pool] = left;
    }
}
