using System.CommandLine;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule list</c>.</summary>
internal static class ScheduleListCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string?>("SCHEDULE") { Description = ScheduleTarget.Help, Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("list", "List schedules with their state and next due time, in the zone of each.")
        {
            Examples = [("orchestrator schedule list", "all of them"), ("orchestrator schedule list nightly --json", "those of a workflow, a JSON line for each")],
        };
        verb.Arguments.Add(target);
        verb.SetAction(async (parsed, stop) =>
        {
            var reader = new ScheduleReader(common.Load(parsed, around), around);
            var rows = await reader.ListAsync(ScheduleTarget.Read(parsed.GetValue(target)), stop);
            if (parsed.GetValue(common.Json))
                foreach (var row in rows) around.Out.WriteLine(JsonSerializer.Serialize(row, ScheduleJson.Shapes.ScheduleRow));
            else if (rows.Count == 0) around.Out.WriteLine("There are no schedules.");
            else
            {
                if (await reader.AllAsync(stop) is { Paused: true } all) around.Out.WriteLine(Printable.Line($"All schedules are paused {ScheduleText.Pause(all.PausedBy, all.PauseReason, all.PausedUntil)}."));
                Write(rows, around);
            }
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Write(IReadOnlyList<ScheduleRow> rows, CommandContext around)
    {
        var table = new TextTable("schedule", "state", "next", "rule", "note");
        foreach (var row in rows)
            table.Add($"{row.Workflow}/{row.Schedule}", Words.Of(row.State), row.NextLocal is { } local ? ScheduleText.Local(local) : "", row.Rule, ScheduleText.Note(row));
        table.Write(around);
    }
}
