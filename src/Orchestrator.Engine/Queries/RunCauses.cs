using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Statistics.Diffs;
using Orchestrator.Core.Statistics.RootCauses;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Reports;

namespace Orchestrator.Engine.Queries;

/// <summary>Why runs failed, from the journal.</summary>
/// <param name="store">Where runs are kept.</param>
internal sealed class RunCauses(IRunStore store)
{
    /// <summary>Earlier runs of the workflow that are compared.</summary>
    public const int MaxEarlier = 50;

    // Other workflows' runs lie between those of one that rarely runs.
    private const int MaxLooked = 2_000;

    /// <summary>The cause; null where the run has not failed.</summary>
    public async Task<RootCause?> OfAsync(RunView view, CancellationToken stop)
    {
        if (view.Status != RunStatus.Failed) return null;
        var run = FailedRun.From(view, ComparedRun.WorkerOf(store.Runs.Head(view.RunId)));
        var cause = RootCauseSearch.CauseOf(run);
        var earlier = await EarlierAsync(view, cause, stop).ConfigureAwait(false);
        return RootCauseSearch.Of(run, earlier, LogEnd(run.Id, cause));
    }

    private string[] LogEnd(RunId run, CauseTask? cause) =>
        cause?.LogRef is { } log && LogTail.Read(store.Files, run, log) is { Length: > 0 } tail ? [.. tail.Split('\n').Select(l => l.TrimEnd('\r'))] : [];

    private async Task<List<EarlierRun>> EarlierAsync(RunView view, CauseTask? cause, CancellationToken stop)
    {
        var earlier = new List<EarlierRun>();
        foreach (var id in store.Runs.Finished().Where(id => id.CompareTo(view.RunId) < 0).Take(MaxLooked))
        {
            stop.ThrowIfCancellationRequested();
            if (store.Runs.FirstEvent(id)?.Event is not WorkflowCreated created || created.Workflow != view.Workflow) continue;
            if (store.Runs.LastEvent(id) is not { Event: WorkflowEnded ended } last) continue;
            earlier.Add(new(id, ended.StatusTo, last.Time)
            {
                DefinitionVersion = created.DefinitionVersion, Params = created.Params, DurationMs = ended.DurationMs,
                Worker = ComparedRun.WorkerOf(store.Runs.Head(id)),
                Failures = ended is WorkflowFailed failed ? [.. await FailuresAsync(id, failed, cause, stop).ConfigureAwait(false)] : [],
            });
            if (earlier.Count == MaxEarlier) break;
        }
        return earlier;
    }

    // The end of a run names the kind of the first failure alone: the whole of it is read only where the task in question failed later.
    private async Task<IEnumerable<(Core.Definitions.TaskId, FailureKind?)>> FailuresAsync(
        RunId id, WorkflowFailed failed, CauseTask? cause, CancellationToken stop)
    {
        var tasks = failed.FailedTasks.IsDefault ? [] : failed.FailedTasks;
        if (cause is null || tasks.IsEmpty || !tasks.Any(t => Whole(t) == Whole(cause.Id))) return tasks.Select(t => (t, (FailureKind?)null));
        if (Whole(tasks[0]) == Whole(cause.Id) && failed.ErrorClass != ErrorClass.Timeout) return [(tasks[0], failed.ErrorType)];
        var events = await store.Runs.ReadEventsAsync(id, stop).ConfigureAwait(false);
        return events.Select(e => e.Event).OfType<TaskFailed>().Where(f => f is { Allowed: false, Role: null }).Select(f => (f.Task, (FailureKind?)f.Kind));
    }

    private static Core.Definitions.TaskId Whole(Core.Definitions.TaskId task) => task.TrySplit(out var whole, out _) ? whole : task;
}
