using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.AspNetCore.Triggers;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Triggers;

/// <summary><c>orchestrator triggers</c>: what starts runs other than due times, and the outcome of each delivery.</summary>
internal static class TriggersCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var verb = new Verb("triggers", "List triggers and the outcomes of their deliveries.")
        {
            Examples =
            [
                ("orchestrator triggers list", "every trigger with its counts"),
                ("orchestrator triggers history deploy/pushed", "the outcome of each delivery"),
            ],
        };
        verb.Subcommands.Add(List(common, around));
        verb.Subcommands.Add(History(common, around));
        return verb;
    }

    private static Verb List(CommonOptions common, CommandContext around)
    {
        var workflow = new Argument<string?>("WORKFLOW") { Description = "Only those of this workflow.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("list", "List triggers with the outcomes of their deliveries.");
        verb.Arguments.Add(workflow);
        verb.SetAction(async (parsed, stop) =>
        {
            var rows = await ListAsync(common.Load(parsed, around), parsed.GetValue(workflow), around, stop);
            if (rows.Count == 0 && parsed.GetValue(workflow) is { } name) throw new CommandFailure(ExitCode.NotFound, $"There is no workflow '{name}' with triggers.", "`orchestrator triggers list` shows all of them.");
            if (parsed.GetValue(common.Json))
                foreach (var row in rows) around.Out.WriteLine(JsonSerializer.Serialize(row, TriggerJson.Shapes.TriggerRow));
            else if (rows.Count == 0) around.Out.WriteLine("There are no triggers.");
            else Write(rows, around);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb History(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string>("TRIGGER") { Description = "WORKFLOW/TRIGGER." };
        var limit = RowLimit.Option(TriggerListEndpoints.MaxEntries);
        var before = new Option<long?>("--before") { Description = "Only entries before this number.", HelpName = "SEQ" };
        before.Validators.Add(given =>
        {
            if (given.Tokens.Count == 1 && (!long.TryParse(given.Tokens[0].Value, out var n) || n < 1)) given.AddError($"--before must be the number of an entry, was '{given.Tokens[0].Value}'.");
        });
        var verb = new Verb("history", "Show the outcomes of a trigger's deliveries, newest first.");
        verb.Arguments.Add(target);
        verb.Options.Add(limit);
        verb.Options.Add(before);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            if (parsed.GetValue(target)!.Split('/') is not [{ Length: > 0 } workflow, { Length: > 0 } trigger])
                throw new CommandFailure(ExitCode.Usage, $"'{parsed.GetValue(target)}' is not a trigger.", "Write WORKFLOW/TRIGGER.");
            // Ledgers are files that anybody may read beside a `serve`.
            var page = TriggerQueries.History(settings.Store.Runs, workflow, trigger, parsed.GetValue(limit), parsed.GetValue(before));
            if (page.Entries.Count == 0 && !(await ListAsync(settings, workflow, around, stop)).Any(r => r.Trigger == trigger))
                throw new CommandFailure(ExitCode.NotFound, $"There is no trigger '{workflow}/{trigger}'.", "`orchestrator triggers list` shows all of them.");
            if (parsed.GetValue(common.Json))
                foreach (var row in page.Entries) around.Out.WriteLine(JsonSerializer.Serialize(row, TriggerJson.Shapes.DeliveryRow));
            else Write(page, around);
            return ExitCode.Ok;
        });
        return verb;
    }

    // A `serve` knows what is in force; else definitions are read as it would read them.
    private static async Task<IReadOnlyList<TriggerRow>> ListAsync(Settings settings, string? workflow, CommandContext around, CancellationToken stop)
    {
        if (ServeLock.HolderOf(settings.Store) is { } holder)
            return (await new ServeClient(holder).AskAsync($"/api/v1/triggers{(workflow is null ? "" : $"?workflow={Uri.EscapeDataString(workflow)}")}", TriggerJson.Shapes.TriggerPage, stop)).Triggers;
        return TriggerQueries.List(OfflineDefinitions.Read(settings, around, "triggers"), settings.Store.Runs, workflow);
    }

    private static void Write(IReadOnlyList<TriggerRow> rows, CommandContext around)
    {
        var table = new TextTable("trigger", "kind", "on", "taken", "runs", "again", "refused", "waiting");
        foreach (var row in rows)
            table.Add($"{row.Workflow}/{row.Trigger}", row.Kind, row.Enabled ? "yes" : "no", Number(row.Received), Number(row.Fired), Number(row.Duplicates), Number(row.Rejected), Number(row.Pending + row.Held));
        table.Write(around);
    }

    private static void Write(DeliveryPage page, CommandContext around)
    {
        if (page.Entries.Count == 0)
        {
            around.Out.WriteLine("It has no entries yet.");
            return;
        }
        var table = new TextTable("seq", "time", "entry", "detail");
        foreach (var row in page.Entries) table.Add(Number(row.Seq), Printable.Instant(row.Time), row.Type[(row.Type.IndexOf('.', StringComparison.Ordinal) + 1)..], Detail(row));
        table.Write(around);
        if (page.NextCursor is { } next) around.Out.WriteLine($"Earlier entries: --before {next}");
    }

    private static string Detail(DeliveryRow row) => string.Join(" ", new[]
    {
        row.Count is > 1 ? string.Create(CultureInfo.InvariantCulture, $"{row.Count}x") : "", row.Reason ?? "", row.RunId?.ToString() ?? row.DeliveryId ?? "", row.RunId is null ? row.Error ?? "" : "",
    }.Where(t => t.Length > 0));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
