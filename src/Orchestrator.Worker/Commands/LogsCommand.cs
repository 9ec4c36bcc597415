using System.CommandLine;
using System.Globalization;
using System.Text;
using Orchestrator.Core.Runs.View;
using Orchestrator.Worker.Hosting;
using Orchestrator.Engine.Files;

namespace Orchestrator.Worker.Commands;

/// <summary><c>orchestrator logs</c>: what a run's tasks wrote.</summary>
internal static class LogsCommand
{
    public static Command Create(CommonOptions common, Surroundings around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var task = new Argument<string?>("TASK") { Description = "One task (default: all that have a log).", Arity = ArgumentArity.ZeroOrOne };
        var attempt = new Option<int?>("--attempt") { Description = "One attempt (default: the last).", HelpName = "N" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait for further output until the run ends." };
        var verb = new Verb("logs", "Print what a run's tasks wrote.")
        {
            Examples =
            [
                ("orchestrator logs 019a3c5e", "every task's last attempt"),
                ("orchestrator logs 019a3c5e fetch --attempt 1", "one attempt"),
                ("orchestrator logs 019a3c5e fetch --follow", "as it is written"),
            ],
        };
        verb.Arguments.Add(run);
        verb.Arguments.Add(task);
        verb.Options.Add(attempt);
        verb.Options.Add(follow);
        verb.SetAction((parsed, stop) => LogsAsync(
            new(common.Load(parsed, around)), new(parsed.GetValue(run)!, parsed.GetValue(task), parsed.GetValue(attempt), parsed.GetValue(follow), parsed.GetValue(common.Json)), around, stop));
        return verb;
    }

    private static async Task<int> LogsAsync(RunSearch lookup, LogArguments asked, Surroundings around, CancellationToken stop)
    {
        var view = await lookup.ViewAsync(asked.Run, stop);
        if (asked.Task is { } name && !view.Tasks.Any(t => t.Id.ToString() == name))
            throw new CommandFailure(ExitCode.NotFound, $"Run {view.RunId} has no task '{name}'.", Core.Suggest.DidYouMean(name, view.Tasks.Select(t => t.Id.ToString())) is { Length: > 0 } guess ? guess : null);
        if (asked.Follow && asked.Task is null) throw new CommandFailure(ExitCode.Usage, "--follow needs a task.", "Name one: orchestrator logs RUN TASK --follow");

        var found = 0;
        foreach (var task in view.Tasks.Where(t => asked.Task is null || t.Id.ToString() == asked.Task))
        {
            var number = asked.Attempt ?? Math.Max(1, task.Attempts);
            var path = Path.Combine(lookup.Archive.Store.Files.DirectoryOf(view.RunId), RunFolder.LogRef(task.Id, number));
            if (asked.Follow)
            {
                await foreach (var text in new LogFollow(path, around.Clock).ReadAsync(async () => await Ended(lookup, view, task, stop), stop)) Write(task, number, text, asked, around);
                return ExitCode.Ok;
            }
            await using var file = RegularFile.TryOpenStream(path);
            if (file is null) continue;
            found++;
            if (asked is { Task: null, Json: false }) around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- {task.Id} (attempt {number})"));
            using var reader = new StreamReader(file, Encoding.UTF8);
            while (await reader.ReadLineAsync(stop) is { } line) Write(task, number, line, asked, around);
        }
        if (found == 0 && asked.Attempt is { } missing) throw new CommandFailure(ExitCode.NotFound, $"There is no log of attempt {missing}.", "`orchestrator show` has the number of attempts.");
        if (found == 0) around.Error.WriteLine("No task of this run has written anything yet.");
        return ExitCode.Ok;
    }

    private static async Task<bool> Ended(RunSearch lookup, RunView view, TaskView task, CancellationToken stop) =>
        await lookup.Archive.ViewAsync(view.RunId, stop) is { } now && (now.IsTerminal || now.Tasks.Any(t => t.Id == task.Id && t.IsTerminal));

    private static void Write(TaskView task, int attempt, string line, LogArguments asked, Surroundings around)
    {
        if (!asked.Json)
        {
            around.Out.WriteLine(line);
            return;
        }
        JsonOut.Document(around.Out, w =>
        {
            w.WriteString("task", task.Id.ToString());
            w.WriteNumber("attempt", attempt);
            w.WriteString("line", line);
        });
    }

    private sealed record LogArguments(string Run, string? Task, int? Attempt, bool Follow, bool Json);
}
