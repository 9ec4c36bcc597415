using System.Collections.Immutable;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Answers which tasks are finished for sure before others start, 64 at a time: one pass over the graph per 64 questions' targets.</summary>
internal static class Ancestry
{
    /// <summary>The pairs whose first task does not lie upstream of the second. The graph has no cycle.</summary>
    public static IEnumerable<T> Missing<T>(TaskGraph graph, IReadOnlyList<(int Upstream, int Task, T Tag)> pairs)
    {
        var open = pairs.Where(p => !graph.DependenciesOf(p.Task).Contains(p.Upstream)).ToList();
        if (open.Count == 0) yield break;
        var order = graph.TopologicalOrder();
        foreach (var block in open.GroupBy(p => p.Upstream).Chunk(64))
        {
            var reached = Reached(graph, order, [.. block.Select(g => g.Key)]);
            for (var bit = 0; bit < block.Length; bit++)
                foreach (var (_, task, tag) in block[bit])
                    if ((reached[task] >> bit & 1) == 0) yield return tag;
        }
    }

    private static ulong[] Reached(TaskGraph graph, ImmutableArray<int> order, int[] sources)
    {
        var bits = new ulong[graph.Count];
        var own = sources.Select((task, bit) => (task, bit)).ToDictionary(s => s.task, s => 1UL << s.bit);
        foreach (var task in order)
        {
            var pass = bits[task] | own.GetValueOrDefault(task);
            if (pass == 0) continue;
            foreach (var after in graph.DependantsOf(task)) bits[after] |= pass;
        }
        return bits;
    }
}
