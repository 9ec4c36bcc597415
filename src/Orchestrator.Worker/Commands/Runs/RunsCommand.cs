using System.CommandLine;
using System.Globalization;
using System.Text;
using Orchestrator.Core;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator runs</c>: newest first.</summary>
internal static class RunsCommand
{
    private const int MaxRows = 100_000;

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var status = new Option<string?>("--status") { Description = "Only runs in this state.", HelpName = string.Join('|', Words.All<RunStatus>()) };
        var workflow = new Option<string?>("--workflow") { Description = "Only runs of this workflow.", HelpName = "NAME" };
        var limit = RowLimit.Option(MaxRows);
        status.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } word && !Words.TryParse<RunStatus>(word, out _)) r.AddError($"--status must be one of {string.Join(", ", Words.All<RunStatus>())}, was '{word}'.");
        });
        var verb = new Verb("runs", "List runs, newest first.")
        {
            Examples = [("orchestrator runs --status failed --limit 5", "the last five that failed"), ("orchestrator runs --workflow nightly --json", "a JSON line for each")],
        };
        var filters = new RunFilterOptions();
        foreach (var option in (Option[])[status, workflow, .. filters.All, limit]) verb.Options.Add(option);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            RunStatus? wanted = Words.TryParse<RunStatus>(parsed.GetValue(status), out var known) ? known : null;
            var filter = filters.Read(parsed, new(wanted, parsed.GetValue(workflow), parsed.GetValue(limit), Before: null), around.Clock.GetUtcNow());
            var index = new OfflineIndex(settings.Store, TimeProvider.System, why => around.Error.WriteLine($"warning: {why}; the journal was read instead."));
            var archive = new RunArchive(settings.Store, () => index);
            var listed = await archive.ListAsync(filter with { Limit = filter.Limit + 1 }, stop);
            var rows = listed.Take(filter.Limit).ToList();
            if (parsed.GetValue(common.Json))
                foreach (var row in rows) around.Out.WriteLine(Encoding.UTF8.GetString(RunViewJson.Row(row)));
            else WriteTable(rows, settings, around);
            if (listed.Count > rows.Count && !parsed.GetValue(common.Json)) around.Error.WriteLine("There are more; --limit shows them.");
            var damage = archive.Damage();
            foreach (var place in damage) around.Error.WriteLine($"warning: runs may be missing. {place.Message}");
            return damage.Count == 0 ? ExitCode.Ok : ExitCode.Unavailable;
        });
        return verb;
    }

    private static void WriteTable(List<RunRow> rows, Settings settings, CommandContext around)
    {
        if (rows.Count == 0)
        {
            around.Error.WriteLine($"No such runs in {settings.DataDirectory}.");
            return;
        }
        var table = new TextTable("run", "workflow", "status", "started", "duration", "tasks", "trigger");
        foreach (var row in rows)
            table.Add(row.RunId.ToString(), row.Workflow, Words.Of(row.Status), Printable.Instant(row.StartedAt), Printable.Duration(row.DurationMs),
                string.Create(CultureInfo.InvariantCulture, $"{row.TasksDone}/{row.TasksTotal}"), Words.Of(row.Trigger));
        table.Write(around);
    }
}
