using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator artifacts</c>: the files kept with a run.</summary>
internal static class ArtifactsCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var hash = new Option<bool>("--sha256") { Description = "Read each file and show its SHA-256." };
        var verb = new Verb("artifacts", "List the files kept with a run.")
        {
            Examples = [("orchestrator artifacts 019a3c5e", "paths below the run's folder of artifacts, with their sizes"), ("orchestrator artifacts 019a3c5e --sha256 --json", "a JSON line for each, with its hash")],
        };
        verb.Arguments.Add(run);
        verb.Options.Add(hash);
        verb.SetAction(async (parsed, stop) =>
        {
            var lookup = new RunSearch(common.Load(parsed, around));
            var view = await lookup.ViewAsync(parsed.GetValue(run)!, stop);
            return await ListAsync(lookup.Archive.Store.Files.DirectoryOf(view.RunId), parsed.GetValue(hash), parsed.GetValue(common.Json), around, stop);
        });
        return verb;
    }

    private static async Task<int> ListAsync(string folder, bool withHash, bool json, CommandContext around, CancellationToken stop)
    {
        var table = withHash ? new TextTable("file", "bytes", "sha256") : new TextTable("file", "bytes");
        var artifacts = Artifacts.Of(folder);
        foreach (var artifact in artifacts)
        {
            var hash = withHash ? await HashAsync(folder, artifact, stop) : null;
            if (json)
                JsonOut.Document(around.Out, w =>
                {
                    w.WriteString("path", artifact.Path);
                    w.WriteNumber("bytes", artifact.Bytes);
                    if (hash is not null) w.WriteString("sha256", hash);
                });
            else
            {
                var bytes = artifact.Bytes.ToString(CultureInfo.InvariantCulture);
                string[] row = withHash ? [Printable.Line(artifact.Path), bytes, hash ?? "(gone)"] : [Printable.Line(artifact.Path), bytes];
                table.Add(row);
            }
        }
        if (json) return ExitCode.Ok;
        if (artifacts.Count == 0) around.Error.WriteLine("No files were kept with this run.");
        else table.Write(around);
        return ExitCode.Ok;
    }

    private static async Task<string?> HashAsync(string folder, Artifact artifact, CancellationToken stop)
    {
        await using var file = Artifacts.Open(folder, artifact.Path);
        if (file is null) return null;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop));
    }
}
