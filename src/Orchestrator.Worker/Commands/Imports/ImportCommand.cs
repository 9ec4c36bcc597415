using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Engine.Imports;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Imports;

/// <summary><c>orchestrator import jsonl27</c>: keeps the logs of another runner in the data directory, so that its runs stay known.</summary>
internal static class ImportCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var import = new Verb("import", "Keep logs of another system in the data directory.")
        {
            Examples =
            [
                ("orchestrator import jsonl27 --events logs/orchestrator_events.jsonl --state logs/orchestrator_state.jsonl", "both logs of a DAG runner"),
            ],
        };
        import.Subcommands.Add(Jsonl27(common, around));
        return import;
    }

    private static Verb Jsonl27(CommonOptions common, CommandContext around)
    {
        var (events, state) = (LogPaths.EventsOption(), LogPaths.StateOption());
        const string what = "Keep the task log and the state log of a DAG runner. Importing a log again, or when it has grown, counts nothing twice.";
        var verb = new Verb("jsonl27", what)
        {
            Changes = true, About = [events, state],
            Examples =
            [
                ("orchestrator import jsonl27 --events orchestrator_events.jsonl", "the task log"),
                ("orchestrator stats --format jsonl27", "what the imported logs and the journal say together"),
            ],
        };
        verb.Options.Add(events);
        verb.Options.Add(state);
        verb.SetAction((parsed, stop) => Task.FromResult(Import(
            common.Load(parsed, around), LogPaths.Of(parsed.GetValue(events), parsed.GetValue(state), around), parsed.GetValue(common.Json), around, stop)));
        return verb;
    }

    private static int Import(Settings settings, LogPaths paths, bool json, CommandContext around, CancellationToken stop)
    {
        if (paths.Given.Count == 0) throw new CommandFailure(ExitCode.Usage, "No log is named.", "Give --events FILE, --state FILE or both.");
        var logs = new ImportedLogs(settings.Store.State);
        var results = new List<ImportResult>();
        try
        {
            // Before anything is kept, so that a wrong path does not leave half of what was asked for.
            foreach (var (_, path) in paths.Given) LogImport.Require(path);
            foreach (var (kind, path) in paths.Given)
            {
                var result = new LogImport(logs, around.Clock).Import(path, kind, stop);
                results.Add(result);
                if (!json) Tell(Shown(path, around), result, logs.PathOf(result.Log), around);
            }
        }
        catch (LogImportException e) { throw new CommandFailure(e.IsMissing ? ExitCode.NotFound : ExitCode.Usage, e.Message, e.Remedy, e); }
        around.Trail.Note("Lines", results.Sum(r => r.Lines));
        around.Trail.Note("Corrupted", results.Sum(r => r.Damaged));
        if (json) JsonOut.Document(around.Out, w => Write(w, paths, results, logs));
        return ExitCode.Ok;
    }

    private static void Tell(string path, ImportResult result, string kept, CommandContext around)
    {
        var good = Counted(result.Lines - result.Damaged, "line");
        around.Out.WriteLine(result.Outcome switch
        {
            ImportOutcome.Imported => $"{path}: {good} imported.",
            ImportOutcome.Extended => $"{path}: {good} imported; the log replaces an earlier import of its beginning.",
            _ => $"{path}: imported before ({good}); nothing was changed.",
        });
        if (result.Damaged > 0)
        {
            around.Out.WriteLine($"  {Counted(result.Damaged, "corrupted line")} skipped:");
            foreach (var line in result.Named) around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  line {line.Number} {line.Problem}"));
            if (result.Damaged > result.Named.Count)
                around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {result.Damaged - result.Named.Count} more"));
        }
        around.Out.WriteLine($"  kept as {kept}");
        if (result.Lines == result.Damaged) around.Error.WriteLine($"warning: no line of {path} is an event. Check that it is the log you meant.");
    }

    // As people name it: relative to where they are, if it is below.
    private static string Shown(string path, CommandContext around) =>
        Path.GetRelativePath(around.CurrentDirectory, path) is var near && !near.StartsWith("..", StringComparison.Ordinal) ? near : path;

    private static string Counted(long n, string what) => string.Create(CultureInfo.InvariantCulture, $"{n} {what}{(n == 1 ? "" : "s")}");

    private static void Write(Utf8JsonWriter json, LogPaths paths, List<ImportResult> results, ImportedLogs logs)
    {
        json.WriteStartArray("logs");
        foreach (var ((kind, path), result) in paths.Given.Zip(results))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind == ImportedLogKind.Events ? "events" : "state");
            json.WriteString("source", path);
            json.WriteString("outcome", result.Outcome switch { ImportOutcome.Imported => "imported", ImportOutcome.Extended => "extended", _ => "unchanged" });
            json.WriteNumber("lines", result.Lines);
            json.WriteNumber("imported", result.Lines - result.Damaged);
            json.WriteNumber("corrupted", result.Damaged);
            json.WriteStartArray("corrupted_lines");
            foreach (var line in result.Named)
            {
                json.WriteStartObject();
                json.WriteNumber("line", line.Number);
                json.WriteString("problem", line.Problem);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("first_at", result.Log.FirstAt is { } first ? JsonOut.Instant(first) : null);
            json.WriteString("last_at", result.Log.LastAt is { } last ? JsonOut.Instant(last) : null);
            json.WriteString("sha256", result.Log.Sha256);
            json.WriteString("kept_as", logs.PathOf(result.Log));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
