using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Statistics.Diffs;

namespace Orchestrator.Core.Statistics.RootCauses;

/// <summary>Finds why a run failed. Pure: the index or the journal supplies the records.</summary>
public static class RootCauseSearch
{
    /// <summary>The task that failed first and not because another had; null where none did.</summary>
    /// <remarks>
    /// No cause are handlers, failures that were allowed, a fan-out that its items failed, and what ran although something before it had
    /// failed, such as a clean-up.
    /// </remarks>
    public static CauseTask? CauseOf(FailedRun run)
    {
        // The engine itself failed: what its tasks then did says nothing.
        if (run.Kind == FailureKind.Panic && !run.Tasks.Any(t => IsFailure(t) && t.Kind == FailureKind.Panic)) return null;
        var after = After(run, t => IsFailure(t));
        return run.Tasks.Where(t => IsFailure(t) && !t.IsFailedByItems && !after.Contains(t.Id))
            .OrderBy(t => t.EndedAt ?? DateTimeOffset.MaxValue).FirstOrDefault();
    }

    /// <summary>The summary of a run that failed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="earlier">Runs of the same workflow before it, in any order.</param>
    /// <param name="logEnd">The last lines of the log of the task that <see cref="CauseOf"/> names, masked; empty: none.</param>
    public static RootCause Of(FailedRun run, IReadOnlyCollection<EarlierRun> earlier, IReadOnlyList<string> logEnd)
    {
        var cause = CauseOf(run);
        var kind = cause is null ? run.Kind : cause.Kind;
        var fault = kind == run.Kind && run.Class is { } told ? told : ErrorClasses.Of(kind ?? FailureKind.Error);
        var behind = cause is null ? [] : After(run, t => t.Id == cause.Id || IsFanOutOf(t.Id, cause.Id));
        var skipped = run.Tasks.Where(t => t.Status == TaskStatus.Skipped && IsByFailure(t) && (cause is null || behind.Contains(t.Id))).ToList();
        var cancelled = run.Tasks.Where(t => t is { Status: TaskStatus.Cancelled, IsHandler: false }).ToList();
        var later = run.Tasks.Where(t => IsFailure(t) && !t.IsFailedByItems && t.Id != cause?.Id).OrderBy(t => t.EndedAt).ToList();
        return new(cause?.Id, fault, kind)
        {
            Stage = cause?.Stage, At = cause is null ? run.EndedAt : cause.EndedAt,
            ExitCode = cause?.ExitCode, Attempts = cause?.Attempts ?? 0, Error = cause is null ? run.Error : cause.Error,
            LogRef = cause?.LogRef, LogEnd = cause is null ? [] : [.. logEnd.TakeLast(RootCause.MaxLogLines)], ChildRunId = cause?.ChildRunId,
            Skipped = Named(skipped), SkippedCount = skipped.Count, Cancelled = Named(cancelled), CancelledCount = cancelled.Count,
            FailedLater = Named(later), FailedLaterCount = later.Count,
            Since = Since(run, earlier), Similar = Similar(cause, kind, earlier),
        };
    }

    private static bool IsFailure(CauseTask t) => t is { Status: TaskStatus.Failed, IsAllowed: false, IsHandler: false };

    private static bool IsByFailure(CauseTask t) => t.Reason == Words.Of(SkipReason.DependencyFailed) || t.Reason == Words.Of(SkipReason.DependencySkipped);

    private static bool IsFanOutOf(TaskId task, TaskId item) => item.TrySplit(out var whole, out _) && whole == task;

    private static ImmutableArray<TaskId> Named(List<CauseTask> tasks) => [.. tasks.Take(RootCause.MaxNamed).Select(t => t.Id)];

    // All tasks that waited, over any number of others, for one of those.
    private static HashSet<TaskId> After(FailedRun run, Func<CauseTask, bool> those)
    {
        var dependants = new Dictionary<TaskId, List<TaskId>>();
        foreach (var task in run.Tasks)
            foreach (var need in task.DependsOn.IsDefault ? [] : task.DependsOn)
            {
                if (!dependants.TryGetValue(need, out var list)) dependants[need] = list = [];
                list.Add(task.Id);
            }
        var after = new HashSet<TaskId>();
        var open = new Stack<TaskId>(run.Tasks.Where(those).Select(t => t.Id));
        while (open.TryPop(out var at))
            foreach (var next in dependants.GetValueOrDefault(at) ?? [])
                if (after.Add(next)) open.Push(next);
        return after;
    }

    private static SinceSuccess? Since(FailedRun run, IReadOnlyCollection<EarlierRun> earlier)
    {
        if (earlier.Where(e => e.Status == RunStatus.Completed).MaxBy(e => e.EndedAt) is not { } good) return null;
        return new(good.Id, good.EndedAt, new(good.DurationMs, run.DurationMs))
        {
            DefinitionVersion = RunDiff.Differ(good.DefinitionVersion, run.DefinitionVersion), Parameters = RunDiff.Values(good.Params, run.Params),
            Host = RunDiff.Known(good.Worker?.Hostname, run.Worker?.Hostname), WorkerVersion = RunDiff.Known(good.Worker?.Version, run.Worker?.Version),
        };
    }

    private static SimilarFailures Similar(CauseTask? cause, FailureKind? kind, IReadOnlyCollection<EarlierRun> earlier)
    {
        var same = earlier.Where(e => e.Status == RunStatus.Failed && (cause is null
            ? e.Failures.IsDefaultOrEmpty : e.Failures.Any(f => Whole(f.Task) == Whole(cause.Id) && f.Kind == kind))).ToList();
        var last = same.MaxBy(e => e.EndedAt);
        return new(earlier.Count, same.Count, last?.EndedAt, last?.Id);
    }

    private static TaskId Whole(TaskId task) => task.TrySplit(out var whole, out _) ? whole : task;
}
