using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Executors.Process;
using TaskStatus = Orchestrator.Core.TaskStatus;

namespace Orchestrator.Worker.Commands.Logs;

/// <summary>
/// Prints logs while other processes write them: a task's attempts one after another, of a fan-out its
/// children in their order, until nothing more can come.
/// </summary>
internal sealed class LogFollow(Func<Task<RunView>> look, Func<TaskId, int, IReadOnlyList<(string Path, string? Stream)>> pathsOf, LogPrinter printer, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <param name="attempt">One attempt; null: the last one there is now, and those after it.</param>
    public async Task RunAsync(TaskView task, int? attempt, CancellationToken stop)
    {
        for (var number = attempt ?? Math.Max(1, task.Attempts); ; number++)
        {
            // Standard error, where it is kept apart, comes after the rest, as it does without --follow.
            var logs = pathsOf(task.Id, number).ToLookup(l => l.Stream == "stderr", l => l.Path);
            var readers = logs[false].Select(path => new LogReader(path)).ToList();
            printer.Begin(task, number);
            for (var last = false; !last;)
            {
                // Looked at before the last read, so that nothing is missed.
                last = IsOver(await look(), task.Id, number);
                foreach (var reader in readers) printer.Copy(reader);
                if (!last) await Task.Delay(Interval, clock, stop);
            }
            printer.End();
            foreach (var errors in logs[true])
            {
                printer.Begin(task, number, "stderr");
                printer.Copy(new(errors));
                printer.End();
            }
            if (attempt is not null || !await HasNextAsync(task.Id, number, stop)) return;
        }
    }

    /// <param name="attempt">One attempt of each; null: from the last one on.</param>
    public async Task RunAllAsync(TaskId whole, int? attempt, CancellationToken stop)
    {
        var done = new HashSet<TaskId>();
        for (var last = false; !last;)
        {
            var view = await look();
            last = view.IsTerminal || view.Tasks.Any(t => t.Id == whole && t.IsTerminal);
            foreach (var child in view.Tasks.Where(t => LogTasks.IsChild(t, whole) && done.Add(t.Id))) await RunAsync(child, attempt, stop);
            if (!last) await Task.Delay(Interval, clock, stop);
        }
    }

    private async Task<bool> HasNextAsync(TaskId id, int number, CancellationToken stop)
    {
        while (true)
        {
            var view = await look();
            var task = view.Tasks.FirstOrDefault(t => t.Id == id);
            if (task is null || task.Attempts > number) return task is not null;
            if (task.IsTerminal || view.IsTerminal) return false;
            await Task.Delay(Interval, clock, stop);
        }
    }

    private static bool IsOver(RunView view, TaskId id, int number) =>
        view.IsTerminal || view.Tasks.FirstOrDefault(t => t.Id == id) is not { } task || task.IsTerminal || task.Attempts > number
            || task.History.Any(a => a.Number == number && a.Outcome != TaskStatus.Running);
}
