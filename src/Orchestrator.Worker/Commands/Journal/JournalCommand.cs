using System.CommandLine;
using Orchestrator.Engine.Retention;
using Orchestrator.Worker.Commands.Index;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary>
/// <c>orchestrator journal</c>: looks after the data directory. Here <c>gc</c>, which removes finished runs
/// past their retention now, as `serve` does every hour.
/// </summary>
internal static class JournalCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be removed; remove nothing." };
        var gc = new Verb("gc", "Remove the folders of finished runs past their retention: the workflow's, or else Orchestrator:Retention.")
        {
            Changes = true, About = [dryRun],
            Examples = [("orchestrator journal gc --dry-run", "what would be removed, and why"), ("orchestrator journal gc --json", "a JSON line for each run that is gone")],
        };
        gc.Options.Add(dryRun);
        gc.SetAction((parsed, stop) => Task.FromResult(Collect(common.Load(parsed, around), parsed.GetValue(dryRun), parsed.GetValue(common.Json), around, stop)));
        var journal = new Verb("journal", "Verify, repair, export and clean up the journal.")
        {
            Examples =
            [
                ("orchestrator journal verify", "check that all of it is as it was written"),
                ("orchestrator journal gc --dry-run", "finished runs past their retention"),
            ],
        };
        foreach (var verb in (Command[])[JournalVerifyCommand.Create(common, around), JournalRepairCommand.Create(common, around), JournalExportCommand.Create(common, around), JournalIndexCommand.Create(common, around), gc]) journal.Subcommands.Add(verb);
        return journal;
    }

    private static IEnumerable<(ExpiredRun Run, bool Removed)> Removed(RunRetention retention, ExpiredRun[] lot, bool dryRun)
    {
        var removed = dryRun ? null : retention.Remove([.. lot.Select(e => e.Run)]);
        return lot.Select(e => (e, removed?.Contains(e.Run) != false));
    }

    private static int Collect(Settings settings, bool dryRun, bool json, CommandContext around, CancellationToken stop)
    {
        var retention = new RunRetention(settings.Store, settings.Options.Retention.ToRule(), TimeProvider.System);
        if (!dryRun) retention.EmptyTrash();
        int gone = 0, left = 0;
        foreach (var (expired, removed) in retention.Expired(stop).Chunk(RunRetention.Together).SelectMany(lot => Removed(retention, lot, dryRun)))
        {
            if (!removed)
            {
                left++;
                around.Error.WriteLine($"Run {expired.Run} could not be removed: its folder is in use, or this user may not change it.");
                continue;
            }
            gone++;
            if (json)
                JsonOut.Document(around.Out, w =>
                {
                    w.WriteString("run_id", expired.Run.ToString());
                    w.WriteString("workflow", expired.Workflow);
                    w.WriteString("why", expired.Why);
                    w.WriteBoolean("removed", !dryRun);
                });
            else around.Out.WriteLine($"{(dryRun ? "would remove" : "removed")} {expired.Run} of {expired.Workflow} ({expired.Why})");
        }
        var options = settings.Options.Retention;
        var parts = dryRun ? 0 : new StreamRetention(settings.Store.Removal, options.StreamAge, options.StreamCount, TimeProvider.System).Trim(stop);
        if (parts > 0 && !json) around.Out.WriteLine($"removed {parts} {(parts == 1 ? "part" : "parts")} of the history of schedules and workers");
        around.Trail.Note(dryRun ? "Expired" : "Removed", gone);
        if (left > 0) around.Trail.Note("Left", left);
        if (!json) around.Out.WriteLine($"{gone} {(gone == 1 ? "run" : "runs")} {(dryRun ? "would be removed" : "removed")}.");
        return left == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
