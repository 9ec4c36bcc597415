using System.CommandLine;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary><c>orchestrator journal repair --quarantine</c>: moves what is damaged aside, keeps everything else, and says what is lost.</summary>
internal static class JournalRepairCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var quarantine = new Option<bool>("--quarantine") { Description = "Move damaged files to `quarantine` in the data directory and continue without the lost events." };
        var verb = new Verb("repair", "Make a damaged journal usable again. Needs --quarantine and no running `serve`; restoring a backup loses less.")
        {
            Changes = true, About = [quarantine],
            Examples =
            [
                ("orchestrator journal repair --quarantine", "afterwards `serve` starts; each loss is a line"),
                ("orchestrator journal repair --quarantine --json", "the same for scripts"),
            ],
        };
        verb.Options.Add(quarantine);
        verb.SetAction((parsed, stop) => parsed.GetValue(quarantine)
            ? RepairAsync(common.Load(parsed, around), parsed.GetValue(common.Json), around, stop)
            : throw new CommandFailure(ExitCode.Usage, "A repair loses what is damaged.", "Inspect it with `orchestrator journal verify`; then give --quarantine, or restore a backup."));
        return verb;
    }

    private static async Task<int> RepairAsync(Settings settings, bool json, CommandContext around, CancellationToken stop)
    {
        using var held = await ServeLock.TakeAsync(settings.Store, around.Clock, stop);
        var done = await settings.StoreFor(null).RepairAsync(Environment.UserName, around.Clock, stop);
        around.Trail.Note("KeptAside", done.KeptAs.Count);
        around.Trail.Note("Lost", done.Lost.Count);
        if (json)
            JsonOut.Document(around.Out, w =>
            {
                foreach (var (name, lines) in (ReadOnlySpan<(string, IReadOnlyList<string>)>)[("kept_as", done.KeptAs), ("lost", done.Lost), ("locked", done.Locked)])
                {
                    w.WriteStartArray(name);
                    foreach (var line in lines) w.WriteStringValue(line);
                    w.WriteEndArray();
                }
            });
        else
        {
            foreach (var folder in done.Locked) around.Out.WriteLine($"skipped: {folder} (a process writes there)");
            foreach (var line in done.Lost) around.Out.WriteLine($"lost: {line}");
            foreach (var file in done.KeptAs) around.Out.WriteLine($"kept as {file}");
            around.Out.WriteLine(done.KeptAs.Count == 0 ? "Nothing is damaged; nothing was changed." : "Repaired. `orchestrator reconcile` lists other differences.");
        }
        return ExitCode.Ok;
    }
}
