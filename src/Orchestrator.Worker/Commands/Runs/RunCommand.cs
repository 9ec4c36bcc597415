using System.CommandLine;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Planning;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator run</c>: one run, from start to report. With a `serve` it is executed there, otherwise here.</summary>
internal static class RunCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var target = new Argument<string?>("FILE|NAME") { Description = "A definition file, or a workflow of the workflows folder.", Arity = ArgumentArity.ZeroOrOne };
        var param = new Option<string[]>("--param", "-p") { Description = "A parameter's value; lists and objects as JSON. Repeatable.", HelpName = "NAME=VALUE", Arity = ArgumentArity.OneOrMore };
        var detach = new Option<bool>("--detach") { Description = "Hand the run to `serve`, print its id and return." };
        var notBefore = new Option<string?>("--not-before") { Description = "Earliest start: an instant such as 2026-03-01T06:00:00Z, or a time from now such as 30m.", HelpName = "TIME" };
        var resume = new Option<string?>("--resume") { Description = "Continue a run that was interrupted or whose process died.", HelpName = "RUN", Arity = ArgumentArity.ZeroOrOne };
        var goal = new Option<string?>("--target") { Description = "Run one task and what it needs; the others are skipped.", HelpName = "TASK" };
        var verb = new Verb("run", "Run a workflow and wait for its end. Ctrl-C cancels it; SIGTERM interrupts it so that it can be resumed.")
        {
            Changes = true, About = [target, resume, detach, notBefore],
            Examples =
            [
                ("orchestrator run nightly.yaml", "run a file"),
                ("orchestrator run sales-nightly -p region=eu -p day=2026-03-01", "run a workflow by name with parameters"),
                ("orchestrator run nightly.yaml --target load", "run one task and what it needs"),
                ("orchestrator run nightly.yaml --json", "print the result as one JSON document"),
                ("orchestrator run sales-nightly --detach", "hand it to `orchestrator serve`"),
                ("orchestrator run --resume 019a3c5e", "continue where it stopped; completed tasks are not repeated"),
            ],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(param);
        verb.Options.Add(goal);
        verb.Options.Add(detach);
        verb.Options.Add(notBefore);
        verb.Options.Add(resume);
        verb.SetAction((parsed, _) =>
        {
            var (what, again) = (parsed.GetValue(target), parsed.GetValue(resume));
            // `run --resume --json RUN` and `run RUN --resume` mean what they say.
            if (parsed.GetResult(resume) is not null && again is null) (what, again) = (null, what);
            return RunAsync(new(what, Pairs(parsed.GetValue(param) ?? []), parsed.GetValue(detach), again, parsed.GetValue(common.Json)) { NotBefore = parsed.GetValue(notBefore), Goal = parsed.GetValue(goal) }, common.Load(parsed, around), around);
        });
        return verb;
    }

    private static Task<int> RunAsync(RunArguments run, Settings settings, CommandContext around)
    {
        if (run is { Target: null, Resume: null }) throw new CommandFailure(ExitCode.Usage, "Nothing to run.", "Name a definition file or a workflow, or give --resume RUN.");
        if (run is { Target: not null, Resume: not null }) throw new CommandFailure(ExitCode.Usage, "--resume takes a run's id, not a file or name.", "Leave out the file or name: a run is always resumed with its own definition.");
        if (run is { NotBefore: not null, Resume: not null }) throw new CommandFailure(ExitCode.Usage, "--resume continues a run that already has its earliest start.", "Leave out --not-before.");
        if (run is { Goal: not null, Resume: not null }) throw new CommandFailure(ExitCode.Usage, "--resume continues with the tasks that the run has.", "Leave out --target.");
        if (run.NotBefore is { } text && !EarliestStart.TryRead(text, around.Clock.GetUtcNow(), out _))
            throw new CommandFailure(ExitCode.Usage, $"--not-before must be {EarliestStart.Shape}, was '{text}'.");
        if (run.Resume is { } id) return new LocalRun(settings, around, run.Json).ResumeAsync(id);

        var files = new DefinitionFiles(settings, around);
        var store = settings.Store;
        if (ServeLock.IsHeld(store)) return new ServedRun(settings, around, store).RunAsync(run, files);
        if (run.Detach)
            throw new CommandFailure(ExitCode.Unavailable, $"No `orchestrator serve` has {store.Place}, so no process would execute the run.", "Start one, or leave out --detach.");
        return new LocalRun(settings, around, run.Json).StartAsync(run.Find(files).Workflow, run.Params, run.NotBefore);
    }

    private static Dictionary<string, string> Pairs(string[] given)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at < 1) throw new CommandFailure(ExitCode.Usage, $"--param takes NAME=VALUE, was '{text}'.");
            if (!pairs.TryAdd(text[..at], text[(at + 1)..])) throw new CommandFailure(ExitCode.Usage, $"Parameter '{text[..at]}' is given twice.");
        }
        return pairs;
    }
}

/// <summary>What `run` was asked for.</summary>
internal sealed record RunArguments(string? Target, IReadOnlyDictionary<string, string> Params, bool Detach, string? Resume, bool Json)
{
    public string? NotBefore { get; init; }

    /// <summary>The one task that is wanted, with what it needs; null: all.</summary>
    public string? Goal { get; init; }

    /// <summary>The definition to run.</summary>
    /// <exception cref="CommandFailure">There is none, it does not pass, or it has no such task.</exception>
    public FoundDefinition Find(DefinitionFiles files)
    {
        var found = files.LoadOrFind(Target!);
        if (Goal is not { } goal) return found;
        return TargetSelection.Of(found.Workflow, goal) is { } cut ? found with { Workflow = cut }
            : throw new CommandFailure(ExitCode.Usage, $"Workflow '{found.Workflow.Name}' has no task '{goal}'.", Core.Suggest.DidYouMean(goal, found.Workflow.Tasks.Select(t => t.Id.ToString())) is { Length: > 0 } guess ? guess : null);
    }
}
