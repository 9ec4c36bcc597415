using System.CommandLine;
using System.Text.Json;
using Orchestrator.AspNetCore.Schedules;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule calendar</c>.</summary>
internal static class ScheduleCalendarCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string?>("SCHEDULE") { Description = ScheduleTarget.Help, Arity = ArgumentArity.ZeroOrOne };
        var day = new Option<bool>("--day") { Description = "One day, with a line for each schedule and hour." };
        var week = new Option<bool>("--week") { Description = "Seven days as a grid (the default)." };
        var from = new Option<string?>("--from") { Description = "The first day (default: today).", HelpName = "DATE" };
        var zone = new Option<string?>("--timezone") { Description = "Time zone: an IANA name, or `local` (default: the zone of the schedules; UTC when they have several).", HelpName = "ZONE" };
        var verb = new Verb("calendar", "Show upcoming due times as a calendar: hours in rows, days in columns.")
        {
            Examples =
            [
                ("orchestrator schedule calendar", "the next seven days"),
                ("orchestrator schedule calendar nightly --day", "today, one workflow"),
                ("orchestrator schedule calendar --from 2026-03-27 --timezone local", "another week, by the clocks of this machine"),
            ],
        };
        verb.Arguments.Add(target);
        foreach (var option in (Option[])[day, week, from, zone]) verb.Options.Add(option);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(day) && result.GetValue(week)) result.AddError("--day and --week exclude each other.");
        });
        verb.SetAction(async (parsed, stop) =>
        {
            DateOnly? first = parsed.GetValue(from) is not { } text ? null
                : CalendarDate.TryRead(text, out var date) ? date : throw new CommandFailure(ExitCode.Usage, $"--from cannot be '{text}'.", $"Give {CalendarDate.Shape}.");
            var timezone = parsed.GetValue(zone) is "local" ? TimeZoneInfo.Local.Id : parsed.GetValue(zone);
            var isDay = parsed.GetValue(day);
            var page = await new ScheduleReader(common.Load(parsed, around), around).CalendarAsync(ScheduleTarget.Read(parsed.GetValue(target)), timezone, first, isDay ? 1 : 7, stop);
            if (parsed.GetValue(common.Json)) around.Out.WriteLine(JsonSerializer.Serialize(page, ScheduleJson.Shapes.CalendarPage));
            else new CalendarText(page, around).Write(isDay);
            return ExitCode.Ok;
        });
        return verb;
    }
}
