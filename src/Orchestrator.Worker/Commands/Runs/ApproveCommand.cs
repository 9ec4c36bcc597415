using System.CommandLine;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator approve</c>: answers a task that asks, or lists what is asked.</summary>
internal static class ApproveCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string?>("RUN") { Description = "A run's id, or the beginning of it. Without arguments: list what is waiting.", Arity = ArgumentArity.ZeroOrOne };
        var task = new Argument<string?>("TASK") { Description = "The task that asks; not needed when only one asks.", Arity = ArgumentArity.ZeroOrOne };
        var reject = new Option<bool>("--reject") { Description = "Reject instead: the task fails." };
        var comment = new Option<string?>("--comment") { Description = "A comment on the answer.", HelpName = "TEXT" };
        var values = new Option<string[]>("--value") { Description = "A value for a field, NAME=VALUE; may be given several times.", HelpName = "NAME=VALUE", AllowMultipleArgumentsPerToken = false };
        var by = new Option<string?>("--as") { Description = "Who answers (default: the user at the terminal).", HelpName = "NAME" };
        var verb = new Verb("approve", "Answer a task that waits for approval, or list what waits.")
        {
            Changes = true, About = [run, task, reject, by],
            Examples =
            [
                ("orchestrator approve", "list what waits for an answer"),
                ("orchestrator approve 019a3c5e", "approve the one question of a run"),
                ("orchestrator approve 019a3c5e ship --value version=1.4 --comment fine", "with a value for a field"),
                ("orchestrator approve 019a3c5e ship --reject --comment \"not on a Friday\"", "reject"),
            ],
        };
        verb.Arguments.Add(run);
        verb.Arguments.Add(task);
        foreach (var option in new Option[] { reject, comment, values, by }) verb.Options.Add(option);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            if (parsed.GetValue(run) is not { } id) return await Approvals.ListAsync(settings, parsed.GetValue(common.Json), around, stop);
            var view = await RunSearch.FindAsync(settings, id, stop);
            around.Trail.Note("RunId", view.RunId.ToString());
            var asking = Asking(view, parsed.GetValue(task));
            var item = new MailItem
            {
                Kind = parsed.GetValue(reject) ? "reject" : "approve", Task = asking.ToString(), By = parsed.GetValue(by) ?? around.UserName, Comment = parsed.GetValue(comment),
                Values = Values(settings, view, asking, parsed.GetValue(values) ?? [], parsed.GetValue(reject), around),
            };
            around.Trail.Note("TaskId", item.Task);
            await Answering.SendAsync(settings, view, item, around, stop);
            var what = item.Kind == "approve" ? "approved" : "rejected";
            if (parsed.GetValue(common.Json))
                JsonOut.Document(around.Out, w =>
                {
                    w.WriteString("run_id", view.RunId.ToString());
                    w.WriteString("task", item.Task);
                    w.WriteString("decision", what);
                    w.WriteString("by", item.By);
                });
            else around.Out.WriteLine($"Task '{item.Task}' of run {view.RunId} is {what} by {item.By}.");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static TaskId Asking(RunView view, string? named)
    {
        if (named is not null)
            return TaskId.IsValid(named) ? new(named) : throw new CommandFailure(ExitCode.Usage, $"'{named}' is not a task's id.", "orchestrator approve lists what waits for an answer.");
        var asking = view.Tasks.Where(t => t.Waiting is { Kind: WaitKind.Approval }).Select(t => t.Id).ToArray();
        return asking switch
        {
            [var only] => only,
            [] => throw new CommandFailure(ExitCode.Failed, $"No task of run {view.RunId} waits for an answer; it is {Words.Of(view.Status)}."),
            _ => throw new CommandFailure(ExitCode.Usage, $"Several tasks of run {view.RunId} wait for an answer: {string.Join(", ", asking)}.", "Name one."),
        };
    }

    private static Dictionary<string, JsonElement> Values(Settings settings, RunView view, TaskId task, string[] given, bool rejects, CommandContext around)
    {
        if (rejects) return [];
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in given)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new CommandFailure(ExitCode.Usage, $"'{pair}' is not NAME=VALUE.");
            texts[pair[..at]] = pair[(at + 1)..];
        }
        var definition = settings.Store.Definitions.Find(view.DefinitionVersion ?? "");
        if (definition is null || ApprovalValues.Of(definition, task) is not { } approval) return [];
        var bound = ApprovalValues.BindText(approval, texts, around.Clock.GetUtcNow());
        if (bound.IsValid) return bound.Values.ToDictionary();
        throw new CommandFailure(ExitCode.Usage,
            $"These values do not fit task '{task}':{Environment.NewLine}{string.Join(Environment.NewLine, bound.Problems.Select(p => $"  {p.Message} {p.Remedy}".TrimEnd()))}",
            "Give values with --value NAME=VALUE.");
    }
}
