using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs.View;

/// <summary>What the times of a run's tasks say about the run.</summary>
internal static class RunTimes
{
    /// <summary>
    /// Back from the task that ended last, each time to the dependency that ended last. Handlers, which run when all tasks have ended and depend on none, are left out.
    /// </summary>
    public static CriticalPath CriticalPath(ImmutableArray<TaskView> tasks)
    {
        // Loops, not queries: queries over value types of this program are compiled at the end of every `run`.
        var byId = new Dictionary<TaskId, TaskView>(tasks.Length);
        TaskView? at = null;
        foreach (var task in tasks)
        {
            byId.Add(task.Id, task);
            if (task is { StartedAt: not null, Role: null }) at = Later(at, task);
        }
        var path = new List<TaskView>();
        var seen = new HashSet<TaskId>();
        while (at is not null && seen.Add(at.Id))
        {
            if (at.StartedAt is not null) path.Add(at);
            TaskView? last = null;
            foreach (var id in at.DependsOn)
                if (byId.TryGetValue(id, out var dependency)) last = Later(last, dependency);
            at = last;
        }
        if (path.Count == 0) return new([], 0);
        path.Reverse();
        var ids = new TaskId[path.Count];
        for (var i = 0; i < ids.Length; i++) ids[i] = path[i].Id;
        return new(ImmutableCollectionsMarshal.AsImmutableArray(ids), Math.Max(0, (path[^1].EndedAt!.Value - path[0].StartedAt!.Value).TotalMilliseconds));
    }

    public static SlotUse Slots(ImmutableArray<TaskView> tasks, double runMs)
    {
        List<long> taken = [], given = [];
        var busy = 0.0;
        foreach (var task in tasks)
            foreach (var attempt in task.History)
            {
                taken.Add(attempt.StartedAt.UtcTicks);
                busy += attempt.DurationMs;
                if (attempt.Outcome != TaskStatus.Running) given.Add(attempt.StartedAt.AddMilliseconds(attempt.DurationMs).UtcTicks);
            }
        taken.Sort();
        given.Sort();
        int back = 0, peak = 0;
        for (var i = 0; i < taken.Count; i++)
        {
            // At one instant a slot is given back before it is taken again.
            while (back < given.Count && given[back] <= taken[i]) back++;
            peak = Math.Max(peak, i + 1 - back);
        }
        return new(peak, busy, runMs > 0 ? busy / runMs : 0);
    }

    private static TaskView? Later(TaskView? best, TaskView task) =>
        task.EndedAt is { } end && (best is null || end > best.EndedAt!.Value) ? task : best;
}
