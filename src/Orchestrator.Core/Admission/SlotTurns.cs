using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Admission;

/// <summary>
/// Runs that want a slot while all are taken. A free slot goes to the tenant with the fewest in use, of those to the one served longest ago;
/// within a tenant to the run that has waited longest. A run that ended meanwhile goes when it comes to the head.
/// </summary>
/// <typeparam name="TRun">A run, told from others by reference.</typeparam>
/// <param name="tenantOf">The tenant of a run.</param>
internal sealed class SlotTurns<TRun>(Func<TRun, string> tenantOf) where TRun : class
{
    private const int ManyLanes = 1_000;
    private readonly Dictionary<string, SlotLane> _lanes = new(StringComparer.Ordinal);
    private readonly SortedSet<SlotLane> _waiting = new(SlotLane.ByNeed);
    private readonly HashSet<TRun> _runs = [];
    private long _turn;
    private long _numbers;

    public int Count => _runs.Count;

    public bool Has(TRun run) => _runs.Contains(run);

    public void Add(TRun run)
    {
        if (!_runs.Add(run)) return;
        var lane = LaneOf(run);
        lane.Runs.Enqueue(run);
        if (lane.Runs.Count == 1) _waiting.Add(lane);
    }

    /// <summary>The next run to be offered a slot; it is not in the line any more.</summary>
    public bool TryTake([NotNullWhen(true)] out TRun? run)
    {
        run = null;
        if (_waiting.Min is not { } lane) return false;
        if (lane.Runs.Count == 1) _waiting.Remove(lane);
        run = lane.Runs.Dequeue();
        _runs.Remove(run);
        return true;
    }

    /// <summary>Attempts of a run have started, or ended where the number is below 0.</summary>
    public void Use(TRun run, int slots)
    {
        if (slots == 0) return;
        var lane = LaneOf(run);
        var waits = _waiting.Remove(lane);
        lane.Used += slots;
        if (slots > 0) lane.LastTurn = ++_turn;
        if (waits) _waiting.Add(lane);
    }

    /// <summary>
    /// Whether a run gives the slots that its attempts leave to those who wait, and waits with them: when a tenant waits that has fewer in use, or
    /// when another run of its own tenant waits and this one has not exactly one attempt in flight. With one it goes on in its place: runs then end
    /// one after another instead of all at the end.
    /// </summary>
    /// <param name="running">Attempts of the run in flight.</param>
    public bool GivesWay(TRun run, int running)
    {
        if (Count == 0) return false;
        var itself = Has(run) ? 1 : 0;
        var own = LaneOf(run);
        if (_waiting.Min is { } neediest && neediest != own && neediest.Used < own.Used) return true;
        return own.Runs.Count > itself && running != 1;
    }

    private SlotLane LaneOf(TRun run)
    {
        var name = tenantOf(run);
        if (_lanes.TryGetValue(name, out var lane)) return lane;
        if (_lanes.Count >= ManyLanes) ForgetIdle();
        _lanes.Add(name, lane = new(++_numbers));
        return lane;
    }

    // The order of turns among tenants that are not here is worth keeping, but not for ever.
    private void ForgetIdle()
    {
        foreach (var (name, lane) in _lanes.ToArray())
            if (lane is { Used: 0, Runs.Count: 0 }) _lanes.Remove(name);
    }

    private sealed class SlotLane(long number)
    {
        public static readonly IComparer<SlotLane> ByNeed = Comparer<SlotLane>.Create((a, b) =>
            a.Used.CompareTo(b.Used) is not 0 and var c ? c : a.LastTurn.CompareTo(b.LastTurn) is not 0 and var d ? d : a._number.CompareTo(b._number));

        private readonly long _number = number;

        public Queue<TRun> Runs { get; } = new();

        /// <summary>Attempts of the tenant in flight.</summary>
        public int Used { get; set; }

        public long LastTurn { get; set; }
    }
}
