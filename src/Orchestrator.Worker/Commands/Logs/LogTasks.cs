using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using TaskStatus = Orchestrator.Core.TaskStatus;

namespace Orchestrator.Worker.Commands.Logs;

/// <summary>Whose logs are meant, and what to say of a task that has none.</summary>
internal static class LogTasks
{
    /// <summary>All tasks, the one of that name, or the children of the fan-out of that name.</summary>
    /// <exception cref="CommandFailure">There is no such task.</exception>
    public static IReadOnlyList<TaskView> Of(RunView run, string? name, bool isFanOut)
    {
        if (name is null) return run.Tasks;
        if (run.Tasks.FirstOrDefault(t => t.Id.ToString() == name) is not { } task)
            throw new CommandFailure(ExitCode.NotFound, $"Run {run.RunId} has no task '{name}'.", Suggest.DidYouMean(name, run.Tasks.Select(t => t.Id.ToString())) is { Length: > 0 } guess ? guess : null);
        return isFanOut ? [.. run.Tasks.Where(t => IsChild(t, task.Id))] : [task];
    }

    /// <summary>Whether a task becomes many, though it has not done so yet.</summary>
    public static bool IsFanOut(WorkflowDefinition? definition, string name) => definition?.Tasks.Any(t => t.Id.ToString() == name && t.FanOut is not null) is true;

    public static bool IsChild(TaskView task, TaskId whole) => task.Id.TrySplit(out var of, out _) && of == whole;

    /// <summary>Why a task has no output: a sentence's end after its name.</summary>
    public static string Why(RunView run, TaskView task, int attempt)
    {
        var of = task.History.FirstOrDefault(a => a.Number == attempt);
        if (task.ReusedFrom is { } earlier) return $"was not run: its results are those of run {earlier} (`orchestrator logs {earlier} {task.Id}`)";
        if (task.ChildRunId is { } child) return $"started run {child}, which has its output (`orchestrator logs {child}`)";
        if (task.Items is 0) return "has no items";
        if (task.Items is { } items) return string.Create(CultureInfo.InvariantCulture, $"has {items} children, {task.Id}[0] to {task.Id}[{items - 1}], none of which has begun");
        if (of?.LogRef is { } log && task.Kind is "run" or "exec" or "script" or "container" && of?.Outcome is not TaskStatus.Running && !File.Exists(Path.Combine(run.ReportDir ?? "", of!.LogRef!)))
            return $"has lost its log: {Path.Combine(run.ReportDir ?? "", log)} is gone";
        return task switch
        {
            { Waiting: { } wait } => $"waits for {Words.Of(wait.Kind)}",
            { Status: TaskStatus.Running } => string.Create(CultureInfo.InvariantCulture, $"is running (attempt {Math.Max(1, task.Attempts)}) and has written nothing yet"),
            { Status: TaskStatus.Skipped } => $"was skipped{Because(task.Reason)}",
            { Status: TaskStatus.Cancelled } => $"was cancelled{Because(task.Reason)}{(task.Attempts == 0 ? " before it started" : "")}",
            { Status: TaskStatus.Failed } => $"failed without output{Because(Printable.Line(task.Error ?? task.Reason ?? ""))}",
            { Status: TaskStatus.Completed } => "completed and wrote nothing",
            { Attempts: > 0 } => "waits for its next attempt and has written nothing",
            _ => run.IsTerminal ? "never started" : "has not started yet",
        };
    }

    private static string Because(string? reason) => reason is { Length: > 0 } ? $" ({reason})" : "";
}
