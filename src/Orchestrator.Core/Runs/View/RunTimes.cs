using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs.View;

/// <summary>What the times of a run's tasks say about the run.</summary>
internal static class RunTimes
{
    /// <summary>Back from the task that ended last, each time to the dependency that ended last.</summary>
    public static CriticalPath CriticalPath(ImmutableArray<TaskView> tasks)
    {
        var byId = tasks.ToDictionary(t => t.Id);
        var path = new List<TaskView>();
        var seen = new HashSet<TaskId>();
        for (var at = Latest(tasks.Where(t => t.StartedAt is not null)); at is not null && seen.Add(at.Id);)
        {
            if (at.StartedAt is not null) path.Add(at);
            at = Latest(at.DependsOn.Where(byId.ContainsKey).Select(id => byId[id]));
        }
        path.Reverse();
        return path.Count == 0 ? new([], 0)
            : new([.. path.Select(t => t.Id)], Math.Max(0, (path[^1].EndedAt!.Value - path[0].StartedAt!.Value).TotalMilliseconds));
    }

    public static SlotUse Slots(ImmutableArray<TaskView> tasks, double runMs)
    {
        var edges = new List<(DateTimeOffset At, int Change)>();
        var busy = 0.0;
        foreach (var attempt in tasks.SelectMany(t => t.History))
        {
            edges.Add((attempt.StartedAt, 1));
            busy += attempt.DurationMs;
            if (attempt.Outcome != TaskStatus.Running) edges.Add((attempt.StartedAt.AddMilliseconds(attempt.DurationMs), -1));
        }
        int open = 0, peak = 0;
        // At one instant a slot is given back before it is taken again.
        foreach (var (_, change) in edges.OrderBy(e => e.At).ThenBy(e => e.Change)) peak = Math.Max(peak, open += change);
        return new(peak, busy, runMs > 0 ? busy / runMs : 0);
    }

    private static TaskView? Latest(IEnumerable<TaskView> tasks) => tasks.Where(t => t.EndedAt is not null).MaxBy(t => t.EndedAt);
}
