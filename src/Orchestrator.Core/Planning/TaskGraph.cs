using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Planning;

/// <summary>
/// The dependency graph of a workflow over task indices (declaration order). Knows nothing of runs or processes.
/// Edges are stored in two flat arrays per direction, so 50,000 tasks cost a few allocations.
/// </summary>
public sealed class TaskGraph
{
    private readonly Dictionary<TaskId, int> _index;
    private readonly ImmutableArray<TaskDefinition> _tasks;
    private readonly Edges _upstream;
    private readonly Edges _downstream;

    /// <summary>Builds the graph; unknown and repeated dependencies, and repeated ids, are left out (rules report them).</summary>
    public TaskGraph(ImmutableArray<TaskDefinition> tasks)
    {
        _tasks = tasks;
        _index = new(tasks.Length);
        for (var i = 0; i < tasks.Length; i++) _index.TryAdd(tasks[i].Id, i);

        var pairs = new List<(int From, int To)>();
        var seen = new HashSet<int>();
        for (var to = 0; to < tasks.Length; to++)
        {
            seen.Clear();
            foreach (var need in tasks[to].DependsOn)
                if (_index.TryGetValue(need, out var from) && seen.Add(from)) pairs.Add((from, to));
        }
        _upstream = Edges.Group(tasks.Length, pairs, p => p.To, p => p.From);
        _downstream = Edges.Group(tasks.Length, pairs, p => p.From, p => p.To);
    }

    /// <summary>Number of tasks.</summary>
    public int Count => _tasks.Length;

    /// <summary>The task at an index.</summary>
    public TaskDefinition this[int index] => _tasks[index];

    /// <summary>Index of a task; false when the workflow has none of that name.</summary>
    public bool TryIndexOf(TaskId id, out int index) => _index.TryGetValue(id, out index);

    /// <exception cref="KeyNotFoundException">The workflow has no such task.</exception>
    public int IndexOf(TaskId id) => _index.TryGetValue(id, out var i) ? i : throw new KeyNotFoundException($"No task '{id}' in this workflow.");

    /// <summary>Indices of the tasks a task waits for.</summary>
    public ReadOnlySpan<int> DependenciesOf(int index) => _upstream.Of(index);

    /// <summary>Indices of the tasks that wait for a task.</summary>
    public ReadOnlySpan<int> DependantsOf(int index) => _downstream.Of(index);

    /// <summary>Indices in an order in which every task follows its dependencies; tasks on or after a cycle are missing.</summary>
    public ImmutableArray<int> TopologicalOrder()
    {
        var open = new int[Count];
        var order = ImmutableArray.CreateBuilder<int>(Count);
        for (var i = 0; i < Count; i++)
            if ((open[i] = DependenciesOf(i).Length) == 0) order.Add(i);
        for (var next = 0; next < order.Count; next++)
            foreach (var after in DependantsOf(order[next]))
                if (--open[after] == 0) order.Add(after);
        return order.ToImmutable();
    }

    /// <summary>One cycle as the ids along it, each depending on the one before it; empty when there is none.</summary>
    public ImmutableArray<TaskId> FindCycle()
    {
        var order = TopologicalOrder();
        if (order.Length == Count) return [];
        var sorted = new bool[Count];
        foreach (var i in order) sorted[i] = true;

        // Every task left has an unsorted dependency: walking them must come back to where it has been.
        var position = new Dictionary<int, int>();
        var path = new List<int>();
        var at = Array.IndexOf(sorted, false);
        while (position.TryAdd(at, path.Count))
        {
            path.Add(at);
            foreach (var need in DependenciesOf(at))
                if (!sorted[need]) { at = need; break; }
        }
        var cycle = path.Skip(position[at]).Reverse();
        return [.. cycle.Select(i => _tasks[i].Id)];
    }

    private readonly record struct Edges(int[] Start, int[] Target)
    {
        public ReadOnlySpan<int> Of(int node) => Target.AsSpan(Start[node]..Start[node + 1]);

        public static Edges Group(int nodes, List<(int, int)> pairs, Func<(int From, int To), int> key, Func<(int From, int To), int> value)
        {
            var start = new int[nodes + 1];
            foreach (var p in pairs) start[key(p) + 1]++;
            for (var i = 0; i < nodes; i++) start[i + 1] += start[i];
            var at = start.AsSpan().ToArray();
            var target = new int[pairs.Count];
            foreach (var p in pairs) target[at[key(p)]++] = value(p);
            return new(start, target);
        }
    }
}
