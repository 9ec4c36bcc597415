using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>Why a task runs, waits, or ended as it did.</summary>
public static class TaskExplanation
{
    /// <summary>Explains the task at an index of a run.</summary>
    public static Explanation Of(ExplainedRun run, int index, Scene scene)
    {
        var (state, id) = (run.State, run.State.IdOf(index));
        ImmutableArray<Gate> gates = [.. TaskGates.Of(run, index), .. Later(run, index), .. StartGates.Of(run, index, scene)];
        return new("task", $"{state.Id}/{id}", scene.At, Status(state[index]), Answer(run, index, gates, scene)) { Gates = gates };
    }

    private static string Status(TaskState task) => task switch
    {
        { Status: TaskStatus.Pending, IsQueued: true } => "queued",
        { IsParked: true } => "waiting",
        _ => Words.Of(task.Status),
    };

    // What may hold a task back between its own gates and a slot.
    private static IEnumerable<Gate> Later(ExplainedRun run, int index)
    {
        var (state, task) = (run.State, run.State[index]);
        if (state.Outcome is null && state.CancelRequested is { } ending && !task.IsTerminal)
            yield return new("ending", Words.Of(ending), false, $"The run is being cancelled ({Words.Of(ending)}): no more tasks start.");
        if (task.Parent >= 0 && task is { Status: TaskStatus.Pending, IsQueued: false } && state.DefinitionOf(task.Parent).FanOut?.MaxParallel is { } most)
            yield return new("fan_out", string.Create(CultureInfo.InvariantCulture, $"at most {most}"), false, $"The fan-out {state.IdOf(task.Parent)} has at most {most} children in flight.");
        if (task.Status == TaskStatus.Retrying && !task.IsQueued)
            yield return new("retry", Said.Time(task.RetryAt), false, $"Attempt {task.Attempt + 1} is due at {Said.Time(task.RetryAt)}.");
        if (task.Wait is { } wait) yield return new("wait", Words.Of(wait.Kind), false, Waits(state, index, wait));
    }

    private static string Waits(RunState state, int index, WaitState wait) => wait switch
    {
        { Kind: WaitKind.Time, Until: { } until } => $"It waits until {Said.Time(until)}.",
        { Kind: WaitKind.Event } => $"It waits for the event '{wait.EventName}'{Until(wait)}: `orchestrator signal` sends it.",
        { Kind: WaitKind.Poll } => "Its check has not succeeded yet.",
        { Kind: WaitKind.Approval, Question: { } question } => $"It waits for approval ({wait.ApprovedBy.Length} of {question.Required} given, role {question.RequiredRole}){Until(wait)}: `orchestrator approve` answers.",
        { Kind: WaitKind.Workflow } => $"It waits for run {wait.ChildRunId}.",
        _ => $"It waits for the children of its fan-out: {Children(state, index)}.",
    };

    private static string Children(RunState state, int index)
    {
        if (state[index].FanOut is not { } fanOut) return "none";
        var over = fanOut.Counts.Completed + fanOut.Counts.Failed + fanOut.Counts.FailedAllowed + fanOut.Counts.Skipped + fanOut.Counts.Cancelled;
        return string.Create(CultureInfo.InvariantCulture, $"{over} of {fanOut.Count} have ended");
    }

    private static string Until(WaitState wait) => wait.Until is { } until ? $" until {Said.Time(until)}" : "";

    private static string Answer(ExplainedRun run, int index, ImmutableArray<Gate> gates, Scene scene)
    {
        var (state, task, id) = (run.State, run.State[index], run.State.IdOf(index));
        var last = run.LastOf(id);
        switch (task.Status)
        {
            case TaskStatus.Completed:
                return $"Task {id} completed at {Said.Time(last!.Time)}{(task.Attempt > 1 ? $" with attempt {task.Attempt}" : "")}.";
            case TaskStatus.Failed:
                return $"Task {id} failed at {Said.Time(last!.Time)}{(task.FailureAllowed ? " (allowed)" : "")}: {Said.Ended(Said.Short((last.Event as TaskFailed)?.Error ?? ""))}";
            case TaskStatus.Skipped:
                return $"Task {id} was skipped at {Said.Time(last!.Time)}: {Skipped(task, last.Event as TaskSkipped, gates)}";
            case TaskStatus.Cancelled:
                return $"Task {id} was cancelled at {Said.Time(last!.Time)}: {Cancelled(run, (last.Event as TaskCancelled)?.Reason)}";
            case TaskStatus.Running when task.Stopping is { } stopping:
                return $"Task {id} is being stopped: {Cancelled(run, stopping)}";
            case TaskStatus.Running when !task.IsParked && run.Owner.IsAlive != false:
                return $"Task {id} has been running for {Said.Span(scene.At - task.AttemptStartedAt.Utc)} (attempt {task.Attempt}).";
            default:
                var held = run.Owner.IsAlive == false ? gates.FirstOrDefault(g => g.Name == "worker") : null;
                return (held ?? Said.Closed(gates)) is { } gate ? $"Task {id} {Verb(task)}: {gate.Sentence}" : $"Task {id} can start: nothing holds it back.";
        }
    }

    private static string Verb(TaskState task) => task.Status switch { TaskStatus.Running => "has started and waits", TaskStatus.Retrying => "waits for its next attempt", _ => "has not started" };

    private static string Skipped(TaskState task, TaskSkipped? e, ImmutableArray<Gate> gates) => task.Skip switch
    {
        SkipReason.Condition => (gates.FirstOrDefault(g => g.Name is "switch" && g.Passes == false) ?? gates.FirstOrDefault(g => g.Name is "condition"))?.Sentence ?? "its condition is false.",
        SkipReason.DependencyFailed => $"{By(e)} did not succeed, and its run_when needs that.",
        SkipReason.DependencySkipped => $"{By(e)} {(e?.BlockedBy is { Length: > 1 } ? "were" : "was")} skipped, and its run_when needs {(e?.BlockedBy is { Length: > 1 } ? "them" : "it")}.",
        SkipReason.Disabled => "the definition has `enabled: false`.",
        _ => "the request left it out.",
    };

    private static string By(TaskSkipped? e) => e is { BlockedBy: { IsDefaultOrEmpty: false } by } ? Said.Names([.. by.Select(b => b.ToString())]) : "a task before it";

    private static string Cancelled(ExplainedRun run, CancelReason? reason) => reason switch
    {
        CancelReason.FailFast => $"a task failed and the workflow has fail_fast{(run.State.Tasks.FirstError is { } error ? $". {Said.Ended(Said.Short(error))}" : ".")}",
        CancelReason.RunTimeout => "the run took longer than its timeout.",
        CancelReason.Superseded => $"the run was superseded{(run.Cancel is { } by ? $" by {by.Actor}" : "")}.",
        _ => $"the run was cancelled{(run.Cancel is { } asked ? $" by {asked.Actor}{(asked.Comment is { } why ? $" ({Said.Short(why)})" : "")}" : "")}.",
    };
}
