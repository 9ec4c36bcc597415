using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Engine.Running.Admission;

/// <summary>
/// Runs that want a slot while all are taken. Tenants take turns, the one served longest ago first; within a tenant the run that has waited
/// longest. A run that ended meanwhile goes when it comes to the head.
/// </summary>
internal sealed class SlotTurns
{
    private const int ManyLanes = 1_000;
    private readonly Dictionary<string, SlotLane> _lanes = new(StringComparer.Ordinal);
    private readonly SortedSet<SlotLane> _turns = new(Comparer<SlotLane>.Create((a, b) => a.LastTurn.CompareTo(b.LastTurn) is not 0 and var c ? c : a.Number.CompareTo(b.Number)));
    private long _turn;
    private long _numbers;

    public int Count { get; private set; }

    public void Add(OpenRun run)
    {
        if (run.IsStarved) return;
        run.IsStarved = true;
        var name = TenantOf(run);
        if (!_lanes.TryGetValue(name, out var lane))
        {
            if (_lanes.Count >= ManyLanes) ForgetIdle();
            _lanes.Add(name, lane = new(++_numbers));
        }
        lane.Runs.Enqueue(run);
        Count++;
        if (lane.Runs.Count == 1) _turns.Add(lane);
    }

    /// <summary>The next run to be offered a slot; it is not in the line any more.</summary>
    public bool TryTake([NotNullWhen(true)] out OpenRun? run)
    {
        run = null;
        if (_turns.Min is not { } lane) return false;
        run = lane.Runs.Dequeue();
        run.IsStarved = false;
        Count--;
        if (lane.Runs.Count == 0) _turns.Remove(lane);
        return true;
    }

    /// <summary>The run made use of the offer: its tenant's turn is over.</summary>
    public void Served(OpenRun run)
    {
        if (!_lanes.TryGetValue(TenantOf(run), out var lane)) return;
        var waits = _turns.Remove(lane);
        lane.LastTurn = ++_turn;
        if (waits) _turns.Add(lane);
    }

    /// <summary>
    /// Whether a run gives the slots that its attempts leave to those who wait, and waits with them: when another tenant waits, or when
    /// another run waits and this one has none or more than one attempt in flight. With exactly one it goes on in its place: runs then end one
    /// after another instead of all at the end.
    /// </summary>
    public bool GivesWay(OpenRun run)
    {
        var others = Count - (run.IsStarved ? 1 : 0);
        if (others == 0) return false;
        if (run.State.RunningTasks.Count != 1) return true;
        return _turns.Count > 1 || !_lanes.TryGetValue(TenantOf(run), out var own) || own.Runs.Count == 0;
    }

    private static string TenantOf(OpenRun run) => run.State.Plan.Definition.Tenant;

    // The order of turns among tenants that are not here is worth keeping, but not for ever.
    private void ForgetIdle()
    {
        foreach (var (name, lane) in _lanes.ToArray())
            if (lane.Runs.Count == 0) _lanes.Remove(name);
    }

    private sealed class SlotLane(long number)
    {
        public long Number { get; } = number;

        public long LastTurn { get; set; }

        public Queue<OpenRun> Runs { get; } = new();
    }
}
