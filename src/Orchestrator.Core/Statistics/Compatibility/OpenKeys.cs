using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>
/// What is remembered of things that have begun, until their end: at most so many, the oldest are forgotten. Logs of runners that were killed hold any number
/// of starts without an end.
/// </summary>
internal sealed class OpenKeys<TKey, TValue>(int most, IEqualityComparer<TKey>? comparer = null) where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _open = new(comparer);
    private readonly Queue<TKey> _order = new();

    public IEnumerable<TValue> Values => _open.Values;

    public void Put(TKey key, TValue value)
    {
        if (_open.TryAdd(key, value))
        {
            _order.Enqueue(key);
            while (_open.Count > most) _open.Remove(_order.Dequeue());
            // Keys that have ended stay in the queue until their turn.
            if (_order.Count > (2 * most) + 16) Compact();
        }
        else _open[key] = value;
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _open.TryGetValue(key, out value);

    public bool Take(TKey key, [MaybeNullWhen(false)] out TValue value) => _open.Remove(key, out value);

    private void Compact()
    {
        var seen = new HashSet<TKey>(comparer);
        var kept = _order.Reverse().Where(k => _open.ContainsKey(k) && seen.Add(k)).Reverse().ToList();
        _order.Clear();
        foreach (var key in kept) _order.Enqueue(key);
    }
}
