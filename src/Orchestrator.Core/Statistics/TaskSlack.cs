using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;

namespace Orchestrator.Core.Statistics;

/// <summary>When a task of a finished run ran.</summary>
/// <param name="Id">The task; children of a fan-out bear the id of their task and an index.</param>
/// <param name="DependsOn">Tasks it waited for; those that are unknown are ignored.</param>
/// <param name="StartedAt">Start of its first attempt; null: it never ran.</param>
/// <param name="EndedAt">When it became terminal.</param>
public readonly record struct TaskTime(TaskId Id, ImmutableArray<TaskId> DependsOn, DateTimeOffset? StartedAt, DateTimeOffset EndedAt);

/// <summary>
/// Which tasks made a finished run take as long as it did, and how much longer each of the others could have taken. What a task waited for after its
/// dependencies (a slot, a pool) counts as part of it, so that the times that were are exactly those that the method computes.
/// </summary>
/// <param name="Critical">The chain of tasks that ended last, each released by the one before it, from the first to the last; tasks that
/// never ran are left out.</param>
/// <param name="SlackMs">Of every task: by how many milliseconds it could have ended later without the run ending later; 0 on the chain.</param>
public sealed record TaskSlack(ImmutableArray<TaskId> Critical, ImmutableDictionary<TaskId, double> SlackMs)
{
    /// <summary>The slack of the tasks of a run; handlers and tasks that have not ended are left out.</summary>
    public static TaskSlack Of(RunView run) => Of(
        [.. from t in run.Tasks where t is { Role: null, EndedAt: not null } select new TaskTime(t.Id, t.DependsOn, t.StartedAt, t.EndedAt!.Value)]);

    /// <summary>The slack of these tasks. Dependencies in a circle, which no run can have, are cut.</summary>
    public static TaskSlack Of(ImmutableArray<TaskTime> tasks)
    {
        var index = new Dictionary<TaskId, int>(tasks.Length);
        for (var i = 0; i < tasks.Length; i++) index.TryAdd(tasks[i].Id, i);
        var before = new List<int>[tasks.Length];
        for (var i = 0; i < before.Length; i++) before[i] = [];
        foreach (var (id, i) in index)
        {
            if (!tasks[i].DependsOn.IsDefault)
                foreach (var need in tasks[i].DependsOn)
                    if (index.TryGetValue(need, out var at) && at != i) before[i].Add(at);
            // A fan-out is over when its children are: its task waits for them as for dependencies.
            if (id.TrySplit(out var whole, out _) && index.TryGetValue(whole, out var parent)) before[parent].Add(i);
        }
        var order = Order(before);
        return new(Chain(tasks, before), Slack(tasks, before, order));
    }

    // Latest ends, backwards from the end of the run. A task's own part is what lies between the last end of what it waited for and its own end.
    private static ImmutableDictionary<TaskId, double> Slack(ImmutableArray<TaskTime> tasks, List<int>[] before, List<int> order)
    {
        if (tasks.IsEmpty) return ImmutableDictionary<TaskId, double>.Empty;
        var end = tasks.Max(t => t.EndedAt.UtcTicks);
        var latest = new long[tasks.Length];
        Array.Fill(latest, end);
        for (var at = order.Count - 1; at >= 0; at--)
        {
            var i = order[at];
            var ready = long.MinValue;
            foreach (var need in before[i]) ready = Math.Max(ready, tasks[need].EndedAt.UtcTicks);
            var own = ready == long.MinValue ? 0 : Math.Max(0, tasks[i].EndedAt.UtcTicks - ready);
            foreach (var need in before[i]) latest[need] = Math.Min(latest[need], latest[i] - own);
        }
        var slack = ImmutableDictionary.CreateBuilder<TaskId, double>();
        foreach (var i in order) slack[tasks[i].Id] = Math.Max(0, latest[i] - tasks[i].EndedAt.UtcTicks) / (double)TimeSpan.TicksPerMillisecond;
        return slack.ToImmutable();
    }

    private static ImmutableArray<TaskId> Chain(ImmutableArray<TaskTime> tasks, List<int>[] before)
    {
        var at = -1;
        for (var i = 0; i < tasks.Length; i++)
            if (tasks[i].StartedAt is not null && (at < 0 || tasks[i].EndedAt > tasks[at].EndedAt)) at = i;
        var chain = new List<TaskId>();
        var seen = new HashSet<int>();
        while (at >= 0 && seen.Add(at))
        {
            if (tasks[at].StartedAt is not null) chain.Add(tasks[at].Id);
            var last = -1;
            foreach (var need in before[at])
                if (last < 0 || tasks[need].EndedAt > tasks[last].EndedAt) last = need;
            at = last;
        }
        chain.Reverse();
        return [.. chain];
    }

    // Every task after what it waited for; what is in a circle is missing.
    private static List<int> Order(List<int>[] before)
    {
        var after = new List<int>[before.Length];
        var open = new int[before.Length];
        var order = new List<int>(before.Length);
        for (var i = 0; i < before.Length; i++) after[i] = [];
        for (var i = 0; i < before.Length; i++)
        {
            foreach (var need in before[i]) after[need].Add(i);
            if ((open[i] = before[i].Count) == 0) order.Add(i);
        }
        for (var next = 0; next < order.Count; next++)
            foreach (var i in after[order[next]])
                if (--open[i] == 0) order.Add(i);
        return order;
    }
}
