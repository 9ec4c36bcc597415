using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary><c>orchestrator reconcile</c>: compares everything that reports runs with the journal.</summary>
internal static class ReconcileCommand
{
    private const int MaxShown = 50;

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var since = new Option<string?>("--since") { Description = $"Only runs accepted since then: {PastTime.Help}. Metrics are compared only without it.", HelpName = "TIME" };
        var verb = new Verb("reconcile", "Compare lists, reports, metrics, schedules, triggers, backfills, deliveries and every decision with the journal. Changes nothing; exit 1 when anything differs.")
        {
            Examples =
            [
                ("orchestrator reconcile", "all runs of the data directory, and the metrics of the `serve` that has it"),
                ("orchestrator reconcile --since 1d --json", "yesterday's, as one JSON document"),
            ],
        };
        verb.Options.Add(since);
        verb.SetAction(async (parsed, stop) =>
        {
            var from = parsed.GetValue(since) is { } text ? PastTime.Read(text, around.Clock.GetUtcNow()) : (DateTimeOffset?)null;
            var json = parsed.GetValue(common.Json);
            var found = await new Reconciling(common.Load(parsed, around), around, showProgress: !json).RunAsync(from, stop);
            if (json) JsonOut.Document(around.Out, w => WriteJson(w, found));
            else Write(around, found);
            return found.Differences.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }

    private static void Write(CommandContext around, Reconciled found)
    {
        var checks = new TextTable("check", "compared", "differences", "");
        foreach (var check in found.Checks)
            checks.Add(check.Name, check.Compared?.ToString("N0", CultureInfo.InvariantCulture) ?? "-", found.Differences.Count(d => d.Check == check.Name).ToString("N0", CultureInfo.InvariantCulture), check.Note);
        checks.Write(around);
        if (found.Differences.Count == 0)
        {
            around.Out.WriteLine($"{found.Runs:N0} {(found.Runs == 1 ? "run" : "runs")}: all sources agree.");
            return;
        }
        around.Out.WriteLine();
        var table = new TextTable("check", "of", "what", "journal", "found");
        foreach (var d in found.Differences.Take(MaxShown)) table.Add(d.Check, d.Subject, d.What, d.Journal, d.Found);
        table.Write(around);
        if (found.Differences.Count > MaxShown) around.Out.WriteLine($"and {found.Differences.Count - MaxShown:N0} more; --json has them all.");
    }

    private static void WriteJson(Utf8JsonWriter w, Reconciled found)
    {
        w.WriteNumber("runs", found.Runs);
        w.WriteBoolean("equal", found.Differences.Count == 0);
        w.WriteStartArray("checks");
        foreach (var check in found.Checks)
        {
            w.WriteStartObject();
            w.WriteString("check", check.Name);
            if (check.Compared is { } compared) w.WriteNumber("compared", compared);
            else w.WriteNull("compared");
            w.WriteString("note", check.Note);
            w.WriteEndObject();
        }
        w.WriteEndArray();
        w.WriteStartArray("differences");
        foreach (var d in found.Differences)
        {
            w.WriteStartObject();
            w.WriteString("check", d.Check);
            w.WriteString("of", d.Subject);
            w.WriteString("what", d.What);
            w.WriteString("journal", d.Journal);
            w.WriteString("found", d.Found);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }
}

/// <summary>What was compared, and what differs.</summary>
internal sealed record Reconciled(int Runs, IReadOnlyList<ReconciledCheck> Checks, IReadOnlyList<Difference> Differences);

/// <param name="Compared">How many runs or numbers; null when it could not be compared.</param>
/// <param name="Note">Why not, or what else to know.</param>
internal sealed record ReconciledCheck(string Name, long? Compared, string Note);
