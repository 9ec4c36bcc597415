using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.AspNetCore.Schedules;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary><c>orchestrator schedule history</c>.</summary>
internal static class ScheduleHistoryCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string>("SCHEDULE") { Description = "WORKFLOW/SCHEDULE; WORKFLOW alone if it has one schedule." };
        var limit = RowLimit.Option(ScheduleEndpoints.MaxEntries);
        var before = new Option<string?>("--before") { Description = "Only entries before this number.", HelpName = "SEQ" };
        var verb = new Verb("history", "Show what happened at the due times of a schedule, newest first.")
        {
            Examples =
            [
                ("orchestrator schedule history nightly/two", "the latest twenty entries of its ledger"),
                ("orchestrator schedule history nightly/two --before 81 --limit 50", "earlier ones"),
            ],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(limit);
        verb.Options.Add(before);
        verb.SetAction(async (parsed, stop) =>
        {
            var reader = new ScheduleReader(common.Load(parsed, around), around);
            var (workflow, schedule) = await reader.OneAsync(parsed.GetValue(target)!, stop);
            var page = await reader.HistoryAsync(workflow, schedule, parsed.GetValue(limit), parsed.GetValue(before), stop);
            if (parsed.GetValue(common.Json))
                foreach (var row in page.Entries) around.Out.WriteLine(JsonSerializer.Serialize(row, ScheduleJson.Shapes.HistoryRow));
            else Write(page, around);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Write(HistoryPage page, CommandContext around)
    {
        if (page.Entries.Count == 0)
        {
            around.Out.WriteLine("It has no entries yet: it comes into force when `serve` runs.");
            return;
        }
        var table = new TextTable("seq", "entry", "due", "detail");
        foreach (var row in page.Entries)
            table.Add(row.Seq.ToString(CultureInfo.InvariantCulture), row.Type[(row.Type.IndexOf('.', StringComparison.Ordinal) + 1)..], Printable.Instant(row.DueAt), Detail(row));
        table.Write(around);
        if (page.NextCursor is { } next) around.Out.WriteLine($"Earlier entries: --before {next}");
    }

    private static string Detail(HistoryRow row) => string.Join(" ", new[]
    {
        row.Count is > 1 ? string.Create(CultureInfo.InvariantCulture, $"{row.Count} until {Printable.Instant(row.Until)}") : "",
        row.RunId?.ToString() ?? "",
        row.Actor is { } actor ? ScheduleText.Pause(actor, row.Reason, row.Until) : row.Reason ?? "",
    }.Where(t => t.Length > 0));
}
