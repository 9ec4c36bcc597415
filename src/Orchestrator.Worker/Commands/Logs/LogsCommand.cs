using System.CommandLine;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Files;
using Orchestrator.Worker.Commands.Runs;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Logs;

/// <summary><c>orchestrator logs</c>: what a run's tasks wrote.</summary>
internal static class LogsCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var task = new Argument<string?>("TASK") { Description = "One task, or a fan-out with its children (default: all tasks).", Arity = ArgumentArity.ZeroOrOne };
        var attempt = new Option<int?>("--attempt") { Description = "One attempt (default: the last; with --follow also those after it).", HelpName = "N" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait for further output until the task ends." };
        var raw = new Option<bool>("--raw") { Description = "Print the bytes as they were written, without task names." };
        var verb = new Verb("logs", "Print what a run's tasks wrote.")
        {
            Examples =
            [
                ("orchestrator logs 019a3c5e", "every task's last attempt"),
                ("orchestrator logs 019a3c5e fetch --attempt 1", "one attempt"),
                ("orchestrator logs 019a3c5e fetch --follow", "as it is written"),
                ("orchestrator logs 019a3c5e pack --raw > all.tar", "bytes"),
            ],
        };
        verb.Arguments.Add(run);
        verb.Arguments.Add(task);
        verb.Options.Add(attempt);
        verb.Options.Add(follow);
        verb.Options.Add(raw);
        verb.SetAction((parsed, stop) =>
        {
            if (parsed.GetValue(raw) && parsed.GetValue(common.Json)) throw new CommandFailure(ExitCode.Usage, "--raw and --json exclude each other.", "--raw prints bytes, --json lines of JSON.");
            var form = parsed.GetValue(raw) ? LogForm.Raw : parsed.GetValue(common.Json) ? LogForm.Json : LogForm.Text;
            return LogsAsync(new(common.Load(parsed, around)), new(parsed.GetValue(run)!, parsed.GetValue(task), parsed.GetValue(attempt), parsed.GetValue(follow), form), around, stop);
        });
        return verb;
    }

    private static async Task<int> LogsAsync(RunSearch lookup, LogArguments asked, CommandContext around, CancellationToken stop)
    {
        var view = await lookup.ViewAsync(asked.Run, stop);
        var isFanOut = asked.Task is { } of && LogTasks.IsFanOut(lookup.Archive.DefinitionOf(await lookup.Archive.ReadAsync(view.RunId, stop)), of);
        var tasks = LogTasks.Of(view, asked.Task, isFanOut);
        var one = asked.Task is not null && !isFanOut;
        var printer = new LogPrinter(around, asked.Form, headers: !one);
        if (asked.Follow)
        {
            if (asked.Task is not { } name) throw new CommandFailure(ExitCode.Usage, "--follow needs a task.", "Name one: orchestrator logs RUN TASK --follow");
            var follow = new LogFollow(async () => await lookup.Archive.ViewAsync(view.RunId, stop) ?? view, PathsOf, printer, around.Clock);
            if (one) await follow.RunAsync(tasks[0], asked.Attempt, stop);
            else await follow.RunAllAsync(new(name), asked.Attempt, stop);
            view = await lookup.Archive.ViewAsync(view.RunId, stop) ?? view;
            tasks = LogTasks.Of(view, name, isFanOut);
        }

        foreach (var task in tasks)
        {
            var number = asked.Attempt ?? Math.Max(1, task.Attempts);
            if (!asked.Follow)
            {
                foreach (var (path, stream) in PathsOf(task.Id, number))
                {
                    printer.Begin(task, number, stream);
                    printer.Copy(new(path));
                    printer.End();
                }
            }
            // The children of a fan-out speak for it.
            if (printer.HasPrinted(task.Id) || asked.Attempt is not null || (!one && task.Items > 0)) continue;
            Explain(view, task, number, one, asked.Form, around);
        }
        if (asked.Attempt is { } missing && !tasks.Any(t => printer.HasPrinted(t.Id) || PathsOf(t.Id, missing).Any(l => File.Exists(l.Path))))
            throw new CommandFailure(ExitCode.NotFound, $"There is no log of attempt {missing}.", "`orchestrator show` has the number of attempts.");
        if (tasks.Count == 0 && asked.Task is { } empty) around.Error.WriteLine($"Task '{empty}' {LogTasks.Why(view, view.Tasks.First(t => t.Id.ToString() == empty), 1)}.");
        return ExitCode.Ok;

        // One log, or two where the streams are kept apart.
        IReadOnlyList<(string Path, string? Stream)> PathsOf(TaskId id, int number)
        {
            var directory = lookup.Archive.Store.Files.DirectoryOf(view.RunId);
            return
            [
                (Path.Combine(directory, RunFolder.LogRef(id, number)), null), (Path.Combine(directory, RunFolder.OutRef(id, number)), "stdout"),
                (Path.Combine(directory, RunFolder.ErrorRef(id, number)), "stderr"),
            ];
        }
    }

    // Of one task that was asked for it goes to standard error: standard output is what the task wrote, which is nothing.
    private static void Explain(RunView view, TaskView task, int attempt, bool one, LogForm form, CommandContext around)
    {
        var why = LogTasks.Why(view, task, attempt);
        if (one || form != LogForm.Text) around.Error.WriteLine($"Task '{task.Id}' {why}.");
        else around.Out.WriteLine($"--- {task.Id} {why}");
    }

    private sealed record LogArguments(string Run, string? Task, int? Attempt, bool Follow, LogForm Form);
}
