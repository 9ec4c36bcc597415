using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>Why a run has not started, is not over, or ended as it did.</summary>
public static class RunExplanation
{
    private const int MaxParts = 50;

    /// <summary>Explains a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="scene">What surrounds it.</param>
    /// <param name="tasks">Whether its tasks that are not completed are explained too.</param>
    public static Explanation Of(ExplainedRun run, Scene scene, bool tasks = true)
    {
        var state = run.State;
        ImmutableArray<Gate> gates = [.. AdmissionGates.Of(run, scene)];
        var shown = tasks ? Enumerable.Range(0, state.TaskCount).Where(i => IsTold(state, i)).ToList() : [];
        return new("run", state.Id.ToString(), scene.At, Words.Of(state.Status), Answer(run, gates, scene))
        {
            Gates = gates,
            Parts = [.. shown.Take(MaxParts).Select(i => TaskExplanation.Of(run, i, scene))],
            MoreParts = Math.Max(0, shown.Count - MaxParts),
        };
    }

    // Before the start every task waits for the same; a handler that does not concern the run says nothing.
    private static bool IsTold(RunState state, int index) => state.Status is not (RunStatus.Pending or RunStatus.Queued) && state[index].Status != TaskStatus.Completed
        && (!state.Plan.IsHandler(state.Tasks.NodeOf(index)) || state.Handlers.Contains(index) || state[index].Status != TaskStatus.Pending);

    private static string Answer(ExplainedRun run, ImmutableArray<Gate> gates, Scene scene)
    {
        var state = run.State;
        var (id, name) = (state.Id, state.Created!.Workflow);
        if (state.End is { } end) return Ended(run, end, $"Run {id} of {name}");
        if (state.Status is RunStatus.Pending or RunStatus.Queued)
        {
            var waited = Said.Span(scene.At - state.CreatedAt.Utc);
            if (state.CancelRequested is { } reason) return $"Run {id} of {name} is being cancelled ({Words.Of(reason)}) before it started.";
            return gates.FirstOrDefault(g => g.Name == "worker" && g.Passes == false) is { } gone ? $"Run {id} of {name} has waited for {waited}: {gone.Sentence}"
                : Said.Closed(gates) is { } gate ? $"Run {id} of {name} has waited for {waited}: {gate.Sentence}" : $"Run {id} of {name} can start: nothing holds it back.";
        }
        if (run.Owner.IsAlive == false) return $"Run {id} of {name} makes no progress: {StartGates.OfWorker(run).Sentence}";
        var tasks = Enumerable.Range(0, state.TaskCount).Where(i => !state[i].IsTerminal && !state.Plan.IsHandler(i)).ToList();
        var (running, waiting) = (state.RunningTasks.Select(i => state.IdOf(i).ToString()).ToList(), state.ParkedTasks.Select(i => state.IdOf(i).ToString()).ToList());
        var queued = tasks.Where(i => state[i].IsQueued).Select(i => state.IdOf(i).ToString()).ToList();
        var retrying = state.WaitingRetries.Select(i => state.IdOf(i).ToString()).ToList();
        List<string> parts = [];
        if (state.CancelRequested is { } ending && state.Outcome is null) parts.Add($"it is being cancelled ({Words.Of(ending)})");
        if (state.Outcome is { } outcome) parts.Add($"its tasks have ended as {Words.Of(outcome)} and its handlers run");
        if (running.Count > 0) parts.Add($"{Said.Names(running)} {(running.Count == 1 ? "runs" : "run")}");
        if (waiting.Count > 0) parts.Add($"{Said.Names(waiting)} {(waiting.Count == 1 ? "waits" : "wait")} without a slot");
        if (queued.Count > 0) parts.Add($"{Said.Names(queued)} {(queued.Count == 1 ? "waits" : "wait")} for a slot");
        if (retrying.Count > 0) parts.Add($"{Said.Names(retrying)} {(retrying.Count == 1 ? "waits" : "wait")} for the next attempt");
        return $"Run {id} of {name} is {Words.Of(state.Status)}: {(parts.Count == 0 ? "its next tasks are about to start" : string.Join("; ", parts))}.";
    }

    private static string Ended(ExplainedRun run, WorkflowEnded end, string subject)
    {
        var at = Said.Time(run.LastEvent.Time);
        var counts = $"{end.Counts.Completed} of {Said.Count(end.Counts.Total, "task")} completed";
        return end switch
        {
            WorkflowFailed failed => $"{subject} failed at {at}: {Said.Ended(Said.Short(failed.Error ?? counts))}",
            WorkflowCancelled cancelled => $"{subject} was cancelled at {at} ({cancelled.Reason}){(run.Cancel is { } asked ? $" by {asked.Actor}{(asked.Comment is { } why ? $": {Said.Short(why)}" : "")}" : "")}.",
            _ => $"{subject} completed at {at}: {counts}{(end.Counts.Skipped > 0 ? $", {end.Counts.Skipped} skipped" : "")}{(end.Counts.FailedAllowed > 0 ? $", {end.Counts.FailedAllowed} failed (allowed)" : "")}.",
        };
    }
}
