using System.CommandLine;
using Orchestrator.AspNetCore.Why;
using Orchestrator.Core.Explanations;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator why</c>: what holds something back, or why it ended as it did, with every gate and its value.</summary>
internal static class WhyCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var subject = new Argument<string>("SUBJECT") { Description = "A workflow, a schedule as WORKFLOW/SCHEDULE, a run (its id, or the beginning of it) or a task as RUN/TASK.", HelpName = "SUBJECT" };
        var at = new Option<string?>("--at") { Description = $"Explain a past instant from the journal: {PastTime.Help}.", HelpName = "TIME" };
        var verb = new Verb("why", "Explain why a workflow, schedule, run or task waits, runs, did not start or ended as it did: every gate with its value. Changes nothing.")
        {
            Examples =
            [
                ("orchestrator why 019a3c5e", "what a run waits for, and each of its tasks"),
                ("orchestrator why 019a3c5e/load", "every gate of one task"),
                ("orchestrator why 019a3c5e --at 10m", "what it waited for ten minutes ago"),
                ("orchestrator why sales", "whether and when a workflow starts, and what its open runs do"),
                ("orchestrator why sales/nightly --at 2026-12-25T03:00Z", "why its last due time before then started a run, or none"),
            ],
        };
        verb.Arguments.Add(subject);
        verb.Options.Add(at);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            var when = parsed.GetValue(at) is { } text ? PastTime.Read(text, around.Clock.GetUtcNow(), "--at") : (DateTimeOffset?)null;
            if (when > around.Clock.GetUtcNow()) throw new CommandFailure(ExitCode.Usage, "--at is a time in the future.", "Nothing is known about it yet: leave out --at for the present.");
            var found = await ExplainAsync(settings, around, parsed.GetValue(subject)!, when, stop);
            if (parsed.GetValue(common.Json)) JsonOut.Document(around.Out, w => ExplanationJson.WriteMembers(w, found));
            else ExplanationText.Write(around, found);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<Explanation> ExplainAsync(Settings settings, CommandContext around, string subject, DateTimeOffset? at, CancellationToken stop)
    {
        var files = new DefinitionFiles(settings, around);
        var questions = new WhyQuestions(settings.Store, WorkerLimitsNow.Of(settings.Options), around.Clock, name => Definition(files, name), () => ServeLock.IsHeld(settings.Store));
        var answer = await questions.AskAsync(subject, at, stop);
        if (answer.Found is { } found) return found;
        // "There is none" would not be the truth while part of the journal cannot be read.
        if (settings.Store.Runs.Damage() is [var damage, ..]) throw damage;
        throw new CommandFailure(answer.IsUnavailable ? ExitCode.Unavailable : answer.IsAmbiguous ? ExitCode.Usage : ExitCode.NotFound, answer.Problem!,
            "`orchestrator runs` lists runs, `orchestrator validate` workflows; --data names another data directory.");
    }

    private static DefinitionNow Definition(DefinitionFiles files, string name)
    {
        try { return new(files.Find(name).Workflow); }
        catch (CommandFailure e) { return new(null, e.ExitCode == ExitCode.NotFound ? null : e.Message); }
    }
}
