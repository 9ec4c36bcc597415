using System.CommandLine;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Statistics.RootCauses;
using Orchestrator.Engine.Queries;
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
            var settings = common.Load(parsed, around);
            var view = await RunSearch.FindAsync(settings, parsed.GetValue(run)!, stop);
            var cause = await new RunCauses(settings.Store).OfAsync(view, stop);
            if (parsed.GetValue(common.Json)) around.Out.WriteLine(Encoding.UTF8.GetString(RunViewJson.Full(view, more: cause is null ? null : json => Write(json, cause))));
            else
            {
                RunEnd.Show(view, around);
                if (cause is not null) RootCauseText.Write(cause, around);
            }
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Write(Utf8JsonWriter json, RootCause cause)
    {
        json.WritePropertyName("root_cause"u8);
        RootCauseJson.Write(json, cause);
    }
}
