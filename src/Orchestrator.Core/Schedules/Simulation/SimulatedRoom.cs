using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>
/// What runs take while they go on: places, slots, pools, and a place in their concurrency group. A run starts when there is all that it takes, the more urgent first, then the smaller
/// rank, then the older; one that waits holds nothing and keeps nobody waiting who could start.
/// </summary>
/// <param name="limits">How much there is.</param>
internal sealed class SimulatedRoom(IReadOnlyDictionary<string, int> limits)
{
    private readonly Dictionary<string, int> _inUse = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SimulatedRun>> _started = new(StringComparer.Ordinal);   // by group
    private readonly Dictionary<(ScheduleCourse, string?), LinkedList<SimulatedRun>> _waiting = [];   // those that take the same, the older first
    private readonly Dictionary<string, SimulatedShortage> _short = new(StringComparer.Ordinal);
    private readonly List<SimulatedShortage> _shortages = [];

    /// <summary>The limit that stands for a group.</summary>
    public static string LimitOf(string group) => $"group {group}";

    /// <summary>A run asks for what it takes. Runs of its group that end in its favour are given, those that wait first.</summary>
    public IReadOnlyList<SimulatedRun> Ask(SimulatedRun run)
    {
        List<SimulatedRun> superseded = run is { Group: { } group, Schedule.Group.OnConflict: OnConflict.CancelRunning } ? MakeRoom(group, run.Schedule.Group!.Most) : [];
        if (!_waiting.TryGetValue((run.Course, run.Group), out var line)) _waiting[(run.Course, run.Group)] = line = new();
        line.AddLast(run);
        return superseded;
    }

    /// <summary>A run that has started, or waits, ends.</summary>
    public void Leave(SimulatedRun run)
    {
        if (run.Start is null)
        {
            if (_waiting.TryGetValue((run.Course, run.Group), out var line) && line.Remove(run) && line.Count == 0) _waiting.Remove((run.Course, run.Group));
            return;
        }
        foreach (var (limit, takes) in run.Schedule.Takes)
            if (limits.ContainsKey(limit)) _inUse[limit] -= takes;
        if (run.Group is { } group) _started[group].Remove(run);
    }

    /// <summary>A run has what it takes, whatever there is: it had begun before.</summary>
    public void Take(SimulatedRun run)
    {
        foreach (var (limit, takes) in run.Schedule.Takes)
            if (limits.ContainsKey(limit)) _inUse[limit] = _inUse.GetValueOrDefault(limit) + takes;
        if (run.Group is not { } group) return;
        if (!_started.TryGetValue(group, out var started)) _started[group] = started = [];
        started.Add(run);
    }

    /// <summary>The next run that starts, or ends at once as its group is full; null: none does before another ends.</summary>
    public SimulatedRun? Next(DateTimeOffset at)
    {
        SimulatedRun? next = null;
        foreach (var line in _waiting.Values)
            if (line.First!.Value is var head && (next is null || Goes(head, next)) && HasRoom(head)) next = head;
        if (next is null) return null;
        if (IsGroupFull(next)) next.IsSuperseded = true;
        Leave(next);
        if (next.IsSuperseded) return next;
        next.Start = at;
        Take(next);
        return next;
    }

    /// <summary>Notes what runs lack that were accepted now, and what there is too little of.</summary>
    public void Note(DateTimeOffset at)
    {
        var asked = new Dictionary<string, (int Size, int Most)>(StringComparer.Ordinal);
        foreach (var line in _waiting.Values)
        {
            var head = line.First!.Value;
            var lacks = Lacking(head);
            foreach (var (limit, size, takes, used) in lacks)
                asked[limit] = (size, (asked.TryGetValue(limit, out var other) ? other.Most : used) + takes * line.Count);
            for (var node = line.Last; node?.Value is { } run && run.Ready == at; node = node.Previous) run.Lacks = [.. lacks.Select(l => l.Limit)];
        }
        foreach (var over in _short.Values.Where(s => !asked.ContainsKey(s.Limit)).ToList())
        {
            _shortages.Add(over with { To = at });
            _short.Remove(over.Limit);
        }
        foreach (var (limit, (size, most)) in asked)
            _short[limit] = _short.TryGetValue(limit, out var known) ? known with { Most = Math.Max(known.Most, most) } : new(limit, size, at, at, most);
    }

    /// <summary>Times in which there was too little, by their start. What nobody gives back is too little without end.</summary>
    public ImmutableArray<SimulatedShortage> Shortages() =>
        [.. _shortages.Concat(_short.Values.Select(s => s with { To = DateTimeOffset.MaxValue })).OrderBy(s => s.From).ThenBy(s => s.Limit, StringComparer.Ordinal)];

    private static bool Goes(SimulatedRun one, SimulatedRun other) =>
        (Level(one), one.Schedule.Rank, one.Number).CompareTo((Level(other), other.Schedule.Rank, other.Number)) < 0;

    private static int Level(SimulatedRun run) => run.Schedule.Priority switch { RunPriority.High => 0, RunPriority.Low => 2, _ => 1 };

    // One that does not wait for its group has its turn all the same: it ends.
    private bool HasRoom(SimulatedRun run)
    {
        foreach (var (limit, takes) in run.Schedule.Takes)
            if (limits.TryGetValue(limit, out var size) && _inUse.GetValueOrDefault(limit) + takes > size) return false;
        return run.Schedule.Group?.OnConflict == OnConflict.Skip || !IsGroupFull(run);
    }

    private bool IsGroupFull(SimulatedRun run) => run is { Group: { } group, Schedule.Group: { } rule } && StartedOf(group).Count >= rule.Most;

    private List<(string Limit, int Size, int Takes, int Used)> Lacking(SimulatedRun run)
    {
        var lacks = new List<(string, int, int, int)>();
        foreach (var (limit, takes) in run.Schedule.Takes)
            if (limits.TryGetValue(limit, out var size) && _inUse.GetValueOrDefault(limit) + takes > size) lacks.Add((limit, size, takes, _inUse.GetValueOrDefault(limit)));
        if (IsGroupFull(run)) lacks.Add((LimitOf(run.Group!), run.Schedule.Group!.Most, 1, StartedOf(run.Group!).Count));
        return lacks;
    }

    private List<SimulatedRun> MakeRoom(string group, int most)
    {
        var waiting = _waiting.Values.SelectMany(l => l).Where(r => r.Group == group).OrderBy(r => r.Number);
        List<SimulatedRun> all = [.. waiting, .. StartedOf(group)];
        return all[..Math.Max(0, all.Count - most + 1)];
    }

    private List<SimulatedRun> StartedOf(string group) => _started.TryGetValue(group, out var started) ? started : [];
}
