using System.CommandLine;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Statistics.Diffs;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator diff</c>: how two runs differ.</summary>
internal static class DiffCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A run: id, its beginning or last digits, latest, WORKFLOW, WORKFLOW~1." };
        var with = new Argument<string?>("WITH") { Description = "The run to compare it with; its workflow's last success before it unless given.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Show tasks that differ in nothing but their duration too." };
        var verb = new Verb("diff", "Compare a run with another: definition, parameters, machine, states, durations, results.")
        {
            Examples = [("orchestrator diff nightly", "the latest run of nightly against its last success before"), ("orchestrator diff nightly~1 nightly~3 --json", "two earlier ones, as one JSON document")],
        };
        verb.Arguments.Add(run);
        verb.Arguments.Add(with);
        verb.Options.Add(all);
        verb.SetAction(async (parsed, stop) =>
        {
            var search = new RunSearch(common.Load(parsed, around));
            var after = await ReadAsync(search, await search.IdAsync(parsed.GetValue(run)!, stop), parsed.GetValue(run)!, stop);
            var named = parsed.GetValue(with);
            var before = await ReadAsync(search, named is null ? await LastSuccessAsync(search, after, stop) : await search.IdAsync(named, stop), named ?? "the last success", stop);
            var diff = RunDiff.Of(before, after);
            if (parsed.GetValue(common.Json)) JsonOut.Document(around.Out, w => RunDiffJson.WriteMembers(w, diff));
            else DiffText.Write(around, diff, after.Run, before.Run, parsed.GetValue(all));
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<RunId> LastSuccessAsync(RunSearch search, ComparedRun run, CancellationToken stop) => await search.Archive.LastSuccessBeforeAsync(run.Run, stop)
        ?? throw new CommandFailure(ExitCode.NotFound, $"No run of {run.Run.Workflow} before {run.Run.RunId} has completed.", "Name the run to compare it with.");

    private static async Task<ComparedRun> ReadAsync(RunSearch search, RunId run, string text, CancellationToken stop) =>
        await search.Archive.ComparedAsync(run, stop) ?? throw new CommandFailure(ExitCode.NotFound, $"There is no run '{text}'.", RunName.Help);
}
