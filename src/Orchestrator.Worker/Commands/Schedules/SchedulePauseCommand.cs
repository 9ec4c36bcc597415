using System.CommandLine;
using System.Text.Json;
using Orchestrator.AspNetCore.Schedules;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule pause</c> and <c>resume</c>.</summary>
internal static class SchedulePauseCommand
{
    public static Command Pause(CommonOptions common, CommandContext around)
    {
        var (target, all, reason) = (Target(), All(), Reason());
        var until = new Option<string?>("--until") { Description = "When it resumes by itself: a time from now such as 2h, or an instant.", HelpName = "TIME" };
        var verb = new Verb("pause", "Pause a schedule, the schedules of a workflow or all schedules, until they are resumed.")
        {
            Changes = true, About = [target, all, reason, until],
            Examples =
            [
                ("orchestrator schedule pause nightly/two", "until it is resumed"),
                ("orchestrator schedule pause nightly --until 2h --reason 'disk full'", "all schedules of a workflow, for two hours"),
                ("orchestrator schedule pause --all --until 2h --reason upgrade", "a maintenance window: nothing starts by any schedule"),
            ],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(all);
        verb.Options.Add(until);
        verb.Options.Add(reason);
        verb.SetAction((parsed, stop) =>
        {
            if (parsed.GetValue(until) is { } end) ScheduleNextCommand.Instant(end, around.Clock.GetUtcNow());
            return DoAsync("pause", Named(parsed, target, all), new() { Reason = parsed.GetValue(reason), Until = parsed.GetValue(until) }, common.Load(parsed, around), parsed.GetValue(common.Json), around, stop);
        });
        return verb;
    }

    public static Command Resume(CommonOptions common, CommandContext around)
    {
        var (target, all, reason) = (Target(), All(), Reason());
        var verb = new Verb("resume", "Resume a paused schedule, the schedules of a workflow or all schedules. Missed due times pass, or are caught up as `catchup` says.")
        {
            Changes = true, About = [target, all, reason],
            Examples = [("orchestrator schedule resume nightly/two", "it fires at its next due time")],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(all);
        verb.Options.Add(reason);
        verb.SetAction((parsed, stop) => DoAsync("resume", Named(parsed, target, all), new() { Reason = parsed.GetValue(reason) }, common.Load(parsed, around), parsed.GetValue(common.Json), around, stop));
        return verb;
    }

    private static async Task<int> DoAsync(string action, string? target, ScheduleActionBody body, Settings settings, bool json, CommandContext around, CancellationToken stop)
    {
        var reader = new ScheduleReader(settings, around);
        _ = reader.Serve;
        if (target is null)
        {
            var all = await reader.DoAllAsync(action, body, stop);
            if (json) around.Out.WriteLine(JsonSerializer.Serialize(all, ScheduleJson.Shapes.AllSchedulesRow));
            else around.Out.WriteLine(Printable.Line(all.Paused ? $"All schedules are paused {ScheduleText.Pause(all.PausedBy, all.PauseReason, all.PausedUntil)}." : "Schedules fire, except those that are paused individually."));
            return ExitCode.Ok;
        }
        var choice = ScheduleTarget.Read(target);
        // Of a whole workflow those that are off stay out of it; one that is named is refused then, and says why.
        var rows = (await reader.ListAsync(choice, stop)).Where(r => choice.Schedule is not null || r.State is ScheduleStanding.Active or ScheduleStanding.Paused).ToList();
        foreach (var row in rows)
        {
            var now = await reader.DoAsync(row.Workflow, row.Schedule, action, body, stop);
            if (json) around.Out.WriteLine(JsonSerializer.Serialize(now, ScheduleJson.Shapes.ScheduleRow));
            else around.Out.WriteLine(Printable.Line(now.State == ScheduleStanding.Paused ? now.PausedWithAll ? $"{now.Workflow}/{now.Schedule} is paused with all others." : $"{now.Workflow}/{now.Schedule} is paused {ScheduleText.Pause(now.PausedBy, now.PauseReason, now.PausedUntil)}."
                : $"{now.Workflow}/{now.Schedule} is active{(now.NextLocal is { } next ? $"; next due {ScheduleText.Local(next)}" : "")}."));
        }
        if (rows.Count == 0) throw new CommandFailure(ExitCode.Failed, $"No schedule of '{target}' is in force.", "`orchestrator schedule list` shows them.");
        return ExitCode.Ok;
    }

    // Null: all of them.
    private static string? Named(ParseResult parsed, Argument<string?> target, Option<bool> all) => parsed.GetValue(all) == parsed.GetValue(target) is null ? parsed.GetValue(target)
        : throw new CommandFailure(ExitCode.Usage, "Name a schedule or a workflow, or give --all.", "`orchestrator schedule list` shows them.");

    private static Argument<string?> Target() => new("SCHEDULE") { Description = ScheduleTarget.Help, Arity = ArgumentArity.ZeroOrOne };

    private static Option<bool> All() => new("--all") { Description = "All schedules, including future ones." };

    private static Option<string?> Reason()
    {
        var reason = new Option<string?>("--reason") { Description = "The reason; the schedule's history shows it.", HelpName = "TEXT" };
        reason.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { Length: > CancelAsk.MaxComment }) given.AddError($"--reason has at most {CancelAsk.MaxComment} characters.");
        });
        return reason;
    }
}
