using System.CommandLine;
using System.Text.Json;
using Orchestrator.AspNetCore;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator signal</c>: sends an event to a run whose tasks wait for it.</summary>
internal static class SignalCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var name = new Argument<string>("EVENT") { Description = "The event that its tasks wait for." };
        var data = new Option<string[]>("--data-value") { Description = "A value for those tasks' results, NAME=VALUE; JSON where it is JSON, else text.", HelpName = "NAME=VALUE" };
        var verb = new Verb("signal", "Send an event to a run: tasks that wait for it continue.")
        {
            Changes = true, About = [run, name],
            Examples = [("orchestrator signal 019a3c5e loaded", "let waiting tasks continue"), ("orchestrator signal 019a3c5e loaded --data-value rows=12", "with a value: tasks.<id>.outputs.rows is 12")],
        };
        verb.Arguments.Add(run);
        verb.Arguments.Add(name);
        verb.Options.Add(data);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            var view = await RunSearch.FindAsync(settings, parsed.GetValue(run)!, stop);
            around.Trail.Note("RunId", view.RunId.ToString());
            var item = new MailItem { Kind = "signal", Event = parsed.GetValue(name), By = around.UserName, Values = Values(parsed.GetValue(data) ?? []) };
            await Answering.SendAsync(settings, view, item, around, stop);
            if (parsed.GetValue(common.Json))
                JsonOut.Document(around.Out, w =>
                {
                    w.WriteString("run_id", view.RunId.ToString());
                    w.WriteString("event", item.Event);
                });
            else around.Out.WriteLine($"Run {view.RunId} has event '{item.Event}'.");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Dictionary<string, JsonElement> Values(string[] given)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var pair in given)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new CommandFailure(ExitCode.Usage, $"'{pair}' is not NAME=VALUE.");
            var text = pair[(at + 1)..];
            try { values[pair[..at]] = JsonElement.Parse(text, JsonBounds.Documents); }
            catch (JsonException) { values[pair[..at]] = JsonSerializer.SerializeToElement(text, ApiJson.Default.String); }
        }
        return values;
    }
}
