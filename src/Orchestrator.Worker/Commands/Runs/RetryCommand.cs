using System.CommandLine;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.Repeating;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Children;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator retry</c>: a new run that repeats part of a finished one and keeps the results of the rest.</summary>
internal static class RetryCommand
{
    private const string Own = "run", Current = "current";

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A finished run's id, or the beginning of it." };
        var from = new Option<string?>("--from") { Description = "Run this task and everything after it; keep the rest.", HelpName = "TASK" };
        var only = new Option<string?>("--only") { Description = "Run only this task; all others must have a result to keep.", HelpName = "TASK" };
        var downstream = new Option<bool>("--downstream") { Description = "With --only: also run everything after it." };
        var definition = new Option<string>("--definition") { Description = "Run the definition the run was started with, or the one in force now.", HelpName = $"{Own}|{Current}", DefaultValueFactory = _ => Own };
        var dry = new Option<bool>("--dry-run") { Description = "Show which tasks would run and which results would be kept; run nothing." };
        var detach = new Option<bool>("--detach") { Description = "Hand the run to `serve`, print its id and return." };
        definition.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } word && word is not (Own or Current)) r.AddError($"--definition must be {Own} or {Current}, was '{word}'.");
        });
        var verb = new Verb("retry", "Run again what did not complete in a finished run, and what comes after it; keep the results of the rest.")
        {
            Changes = true, About = [run, from, only, downstream, definition, dry, detach],
            Examples =
            [
                ("orchestrator retry 019a3c5e --dry-run", "what would run, what would be kept"),
                ("orchestrator retry 019a3c5e", "everything that did not complete, and what comes after it"),
                ("orchestrator retry 019a3c5e --from load", "one task and everything after it"),
                ("orchestrator retry 019a3c5e --only load --downstream", "the same, but no other failed tasks"),
                ("orchestrator retry 019a3c5e --definition current", "with the corrected definition; changed tasks run again"),
            ],
        };
        verb.Arguments.Add(run);
        foreach (var option in new Option[] { from, only, downstream, definition, dry, detach }) verb.Options.Add(option);
        verb.SetAction((parsed, stop) => RetryAsync(
            new(parsed.GetValue(run)!, Task(parsed.GetValue(from)), Task(parsed.GetValue(only)), parsed.GetValue(downstream), parsed.GetValue(definition) == Current,
                parsed.GetValue(dry), parsed.GetValue(detach), parsed.GetValue(common.Json)), common.Load(parsed, around), around, stop));
        return verb;
    }

    /// <summary>What a refusal of a retry is called where programs look at a number.</summary>
    private static int CodeOf(RetryRefusal refusal) => refusal.Code switch
    {
        "run_not_found" or "workflow_not_found" => ExitCode.NotFound,
        "run_open" or "nothing_to_run" => ExitCode.Failed,
        "definition_missing" => ExitCode.Unavailable,
        _ => ExitCode.Usage,
    };

    private static async Task<int> RetryAsync(RetryArguments asked, Settings settings, CommandContext around, CancellationToken stop)
    {
        var store = settings.Store;
        var id = (await RunSearch.FindAsync(settings, asked.Run, stop)).RunId;
        around.Trail.Note("RetryOf", id.ToString());
        var files = new DefinitionFiles(settings, around);
        var selection = new RetrySelection { From = asked.From, Only = asked.Only, Downstream = asked.Downstream };
        var retries = new RunRetries(store, around.Clock);
        var (preview, refusal) = await retries.PreviewAsync(id, selection, asked.Current ? files.Lookup : (Func<string, string, WorkflowLookup>?)null, stop);
        if (preview is null) throw new CommandFailure(CodeOf(refusal!), refusal!.Message, refusal.Remedy);

        if (asked.DryRun && asked.Json) JsonOut.Document(around.Out, w => RetryJson.Write(w, preview));
        else if (asked.DryRun || around.IsTerminal && !asked.Json) RetryText.Write(around, preview);
        if (asked.DryRun) return ExitCode.Ok;
        if (ServeLock.IsHeld(store)) return await new ServedRun(settings, around, store).RetryAsync(preview, asked);
        if (asked.Detach)
            throw new CommandFailure(ExitCode.Unavailable, $"No `orchestrator serve` has {store.Place}, so no process would execute the run.", "Start one, or leave out --detach.");
        return await new LocalRun(settings, around, asked.Json).RetryAsync(retries, preview);
    }

    private static TaskId? Task(string? text) => text is null ? null : TaskId.IsValid(text) ? new(text)
        : throw new CommandFailure(ExitCode.Usage, $"'{text}' is not a task's id.", "`orchestrator show RUN` lists the tasks of a run.");
}

/// <summary>What `retry` was asked for.</summary>
internal sealed record RetryArguments(string Run, TaskId? From, TaskId? Only, bool Downstream, bool Current, bool DryRun, bool Detach, bool Json);
