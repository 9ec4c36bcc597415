using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>
/// Tasks of a run whose gates are open and that wait for a slot: the smaller rank first, then first come, first served. Those of a full
/// pool do not hold up the others. Entries that moved on since are dropped when they come to the head; an entry counts only as long as it is its
/// task's latest, so that the order follows from the events and not from the time of a query.
/// </summary>
internal sealed class ReadyTasks(Func<int, bool> stillWaits)
{
    private readonly List<(string? Pool, PriorityQueue<int, (int Rank, long Order)> Tasks)> _pools = [];
    private readonly Dictionary<int, long> _latest = [];
    private long _order;

    public void Add(int task, TaskDefinition definition)
    {
        _latest[task] = _order;
        foreach (var (pool, tasks) in _pools)
            if (pool == definition.Pool)
            {
                tasks.Enqueue(task, (definition.Rank, _order++));
                return;
            }
        var queue = new PriorityQueue<int, (int Rank, long Order)>();
        queue.Enqueue(task, (definition.Rank, _order++));
        _pools.Add((definition.Pool, queue));
    }

    /// <summary>The task that goes next among those whose pool has room.</summary>
    /// <param name="hasRoom">Whether a pool has a free slot; null: all have.</param>
    public bool TryPeek(Func<string, bool>? hasRoom, out int task)
    {
        task = -1;
        (int, long) best = default;
        foreach (var (pool, tasks) in _pools)
        {
            if (pool is not null && hasRoom?.Invoke(pool) == false || !TryHead(tasks, out var head, out var order)) continue;
            if (task >= 0 && best.CompareTo(order) <= 0) continue;
            (task, best) = (head, order);
        }
        return task >= 0;
    }

    private bool TryHead(PriorityQueue<int, (int Rank, long Order)> tasks, out int head, [MaybeNullWhen(false)] out (int Rank, long Order) order)
    {
        while (tasks.TryPeek(out head, out order))
        {
            var isLatest = _latest.TryGetValue(head, out var latest) && latest == order.Order;
            if (isLatest && stillWaits(head)) return true;
            if (isLatest) _latest.Remove(head);
            tasks.Dequeue();
        }
        return false;
    }
}
