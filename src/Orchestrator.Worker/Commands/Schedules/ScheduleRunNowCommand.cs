using System.CommandLine;
using System.Text.Json;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule run-now</c>.</summary>
internal static class ScheduleRunNowCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string>("SCHEDULE") { Description = "WORKFLOW/SCHEDULE; WORKFLOW alone if it has one schedule." };
        var id = new Option<string?>("--id") { Description = "Id of the request: repeated, it gives the same run.", HelpName = "ID" };
        var reason = new Option<string?>("--reason") { Description = "The reason; the schedule's history shows it.", HelpName = "TEXT" };
        reason.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { Length: > CancelAsk.MaxComment }) given.AddError($"--reason has at most {CancelAsk.MaxComment} characters.");
        });
        var verb = new Verb("run-now", "Start a run of a schedule now, with its parameters and its overlap rule, even while it is paused.")
        {
            Changes = true, About = [target, id, reason],
            Examples =
            [
                ("orchestrator schedule run-now nightly/two", "one more run, in addition to those at due times"),
                ("orchestrator schedule run-now nightly/two --id release-7", "however often it is called, one run"),
            ],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(id);
        verb.Options.Add(reason);
        verb.SetAction(async (parsed, stop) =>
        {
            var reader = new ScheduleReader(common.Load(parsed, around), around);
            _ = reader.Serve;
            var (workflow, schedule) = await reader.OneAsync(parsed.GetValue(target)!, stop);
            var run = await reader.RunNowAsync(workflow, schedule, new() { RequestId = parsed.GetValue(id), Reason = parsed.GetValue(reason) }, stop);
            around.Trail.Note("RunId", run.RunId.ToString());
            if (parsed.GetValue(common.Json)) around.Out.WriteLine(JsonSerializer.Serialize(run, ScheduleJson.Shapes.ManualRunRow));
            else around.Out.WriteLine(run.Outcome == ManualFate.Queued ? $"Run {run.RunId} waits for run {run.By}."
                : $"Run {run.RunId} {(run.AlreadyExisted ? "was started before" : "started")}.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
