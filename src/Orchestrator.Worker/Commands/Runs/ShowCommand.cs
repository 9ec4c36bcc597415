using System.CommandLine;
using System.Text;
using Orchestrator.Core.Runs.View;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator show</c>: one run, finished or not.</summary>
internal static class ShowCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var verb = new Verb("show", "Show one run: its state, tasks, times and what went wrong.")
        {
            Examples = [("orchestrator show 019a3c5e", "a run by the beginning of its id"), ("orchestrator show 019a3c5e --json", "everything, as one JSON document")],
        };
        verb.Arguments.Add(run);
        verb.SetAction(async (parsed, stop) =>
        {
            var view = await RunSearch.FindAsync(common.Load(parsed, around), parsed.GetValue(run)!, stop);
            if (parsed.GetValue(common.Json)) around.Out.WriteLine(Encoding.UTF8.GetString(RunViewJson.Full(view)));
            else RunEnd.Show(view, around);
            return ExitCode.Ok;
        });
        return verb;
    }
}
