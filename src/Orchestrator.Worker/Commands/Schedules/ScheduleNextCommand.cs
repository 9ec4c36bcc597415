using System.CommandLine;
using System.Text.Json;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.AspNetCore.Schedules;
using Orchestrator.Core;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule next</c>.</summary>
internal static class ScheduleNextCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string?>("SCHEDULE") { Description = ScheduleTarget.Help, Arity = ArgumentArity.ZeroOrOne };
        var count = new Option<int?>("--count") { Description = "At most this many (default 10; with --until 1000).", HelpName = "N" };
        var until = new Option<string?>("--until") { Description = "Only due times until then: a time from now such as 2d, or an instant.", HelpName = "TIME" };
        RowLimit.AddRule(count, ScheduleEndpoints.MaxDueTimes);
        var verb = new Verb("next", "Show upcoming due times, each in the zone of its schedule; days with a clock change are marked.")
        {
            Examples =
            [
                ("orchestrator schedule next", "the next ten of all schedules"),
                ("orchestrator schedule next nightly/two --until 7d", "a week of one schedule"),
            ],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(count);
        verb.Options.Add(until);
        verb.SetAction(async (parsed, stop) =>
        {
            DateTimeOffset? end = parsed.GetValue(until) is { } text ? Instant(text, around.Clock.GetUtcNow()) : null;
            var most = parsed.GetValue(count) ?? (end is null ? 10 : ScheduleEndpoints.MaxDueTimes);
            var page = await new ScheduleReader(common.Load(parsed, around), around).NextAsync(ScheduleTarget.Read(parsed.GetValue(target)), most, end, stop);
            if (parsed.GetValue(common.Json))
                foreach (var row in page.DueTimes) around.Out.WriteLine(JsonSerializer.Serialize(row, ScheduleJson.Shapes.DueRow));
            else Write(page, around);
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <exception cref="CommandFailure">It is no time to come.</exception>
    public static DateTimeOffset Instant(string text, DateTimeOffset now) => EarliestStart.TryRead(text, now, out var instant) ? instant
        : throw new CommandFailure(ExitCode.Usage, $"--until cannot be '{text}'.", $"Give {EarliestStart.Shape}.");

    private static void Write(DuePage page, CommandContext around)
    {
        if (page.DueTimes.Count == 0)
        {
            around.Out.WriteLine("Nothing is due.");
            return;
        }
        var table = new TextTable("due", "zone", "schedule", "note");
        foreach (var row in page.DueTimes)
            table.Add(ScheduleText.Local(row.Local), row.Timezone, $"{row.Workflow}/{row.Schedule}",
                string.Join("; ", new[] { row.State == ScheduleStanding.Active ? "" : Words.Of(row.State), ScheduleText.Clocks(row.ClockChange), row.StartsAt is { } at ? $"starts {Printable.Instant(at)}" : "" }.Where(t => t.Length > 0)));
        table.Write(around);
    }
}
