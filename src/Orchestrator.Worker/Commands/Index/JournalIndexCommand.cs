using System.CommandLine;
using System.Globalization;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Index;

/// <summary><c>orchestrator journal index</c>: the index of runs, which is made of the journal and can always be made again.</summary>
internal static class JournalIndexCommand
{
    private const int MaxShown = 50;

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var rebuild = new Verb("rebuild", "Make the index of runs anew out of the journal. No `serve` may have the data directory.")
        {
            Changes = true,
            Examples = [("orchestrator journal index rebuild", "after a disk was repaired, say"), ("orchestrator journal index rebuild --json", "the same for scripts")],
        };
        rebuild.SetAction((parsed, stop) => RebuildAsync(common.Load(parsed, around).Store, parsed.GetValue(common.Json), around, stop));
        var verify = new Verb("verify", "Compare each row of the index with the journal; exit 1 when one differs.")
        {
            Examples = [("orchestrator journal index verify", "each row that differs"), ("orchestrator journal index verify --json", "the same for scripts")],
        };
        verify.SetAction((parsed, stop) => VerifyAsync(common.Load(parsed, around).Store, parsed.GetValue(common.Json), around, stop));
        var index = new Verb("index", "Look after the index of runs, from which lists and statistics come.")
        {
            Examples = [("orchestrator journal index verify", "compare it with the journal"), ("orchestrator journal index rebuild", "make it anew")],
        };
        index.Subcommands.Add(rebuild);
        index.Subcommands.Add(verify);
        return index;
    }

    private static async Task<int> RebuildAsync(IRunStore store, bool json, CommandContext around, CancellationToken stop)
    {
        var began = around.Clock.GetTimestamp();
        var folder = new IndexFolder(store.State);
        if (!Directory.Exists(store.Place)) throw new CommandFailure(ExitCode.NotFound, $"There is no data directory {store.Place}.", "--data names another.");
        using var held = folder.TryLock()
            ?? throw new CommandFailure(ExitCode.Unavailable, "Another process keeps the index.", "Stop `serve` first: it makes the index anew by itself when it cannot use it.");
        CaughtUp built;
        try { built = await IndexBuild.RebuildAsync(folder, store, IndexProgress.Of(around, json), stop); }
        catch (IndexUnusableException e) { throw new CommandFailure(ExitCode.Failed, $"{Sentence(e.Message)}. The one before is unchanged.", "Make room on the disk and try again."); }
        var elapsed = around.Clock.GetElapsedTime(began).TotalMilliseconds;
        if (json)
            JsonOut.Document(around.Out, w =>
            {
                w.WriteNumber("runs", built.Written);
                w.WriteNumber("duration_ms", Math.Round(elapsed, 3));
            });
        else around.Out.WriteLine($"The index was made anew: {built.Written:N0} {(built.Written == 1 ? "run" : "runs")} in {Printable.Duration(elapsed)}.");
        return ExitCode.Ok;
    }

    private static async Task<int> VerifyAsync(IRunStore store, bool json, CommandContext around, CancellationToken stop)
    {
        var (runs, rows, found) = await OfflineQueries.Of(store, around, json).AskAsync(database => Verify(store, database, stop), stop);
        if (json) JsonOut.Document(around.Out, w => WriteJson(w, runs, rows, found));
        else
        {
            var table = new TextTable("run", "what", "journal", "index");
            foreach (var d in found.Take(MaxShown)) table.Add(d.Subject, d.What, d.Journal, d.Found);
            if (found.Count > 0) table.Write(around);
            if (found.Count > MaxShown) around.Out.WriteLine($"and {found.Count - MaxShown:N0} more; --json has them all.");
            around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{runs:N0} {(runs == 1 ? "run" : "runs")}, {rows:N0} rows: {(found.Count == 0 ? "as the journal says." : $"{found.Count:N0} differences.")}"));
            if (found.Count > 0) around.Out.WriteLine("`orchestrator journal index rebuild` makes the index anew.");
        }
        return found.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static Tuple<int, long, IReadOnlyList<Difference>> Verify(IRunStore store, IndexDatabase database, CancellationToken stop)
    {
        var comparing = new IndexReconciliation(store, database, _ => true);
        var runs = 0;
        foreach (var run in store.Runs.ListRunIds())
        {
            stop.ThrowIfCancellationRequested();
            var events = store.Runs.ReadEventsAsync(run, stop).GetAwaiter().GetResult();
            if (events.Count == 0) continue;
            comparing.Hold(run, events);
            runs++;
        }
        comparing.HoldRest();
        return new(runs, comparing.Rows, comparing.Differences);
    }

    private static void WriteJson(System.Text.Json.Utf8JsonWriter w, int runs, long rows, IReadOnlyList<Difference> found)
    {
        w.WriteNumber("runs", runs);
        w.WriteNumber("rows", rows);
        w.WriteBoolean("equal", found.Count == 0);
        w.WriteStartArray("differences");
        foreach (var d in found)
        {
            w.WriteStartObject();
            w.WriteString("of", d.Subject);
            w.WriteString("what", d.What);
            w.WriteString("journal", d.Journal);
            w.WriteString("found", d.Found);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
