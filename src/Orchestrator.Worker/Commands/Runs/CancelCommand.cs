using System.CommandLine;
using Orchestrator.Core;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary><c>orchestrator cancel</c>: asks the process that owns a run to end it, whichever that is.</summary>
internal static class CancelCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var reason = new Option<string?>("--reason") { Description = "The reason; the run's events and report show it.", HelpName = "TEXT" };
        reason.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { Length: > CancelAsk.MaxComment }) given.AddError($"--reason has at most {CancelAsk.MaxComment} characters.");
        });
        var verb = new Verb("cancel", "Cancel a run that `serve` or another `run` executes.")
        {
            Changes = true, About = [run],
            Examples =
            [
                ("orchestrator cancel 019a3c5e", "its tasks are stopped: SIGTERM, a grace, SIGKILL"),
                ("orchestrator cancel 019a3c5e --reason 'wrong day'", "the same, with a reason in its events"),
            ],
        };
        verb.Arguments.Add(run);
        verb.Options.Add(reason);
        verb.SetAction((parsed, stop) => CancelAsync(common.Load(parsed, around), parsed.GetValue(run)!, parsed.GetValue(reason), parsed.GetValue(common.Json), around, stop));
        return verb;
    }

    private static async Task<int> CancelAsync(Settings settings, string text, string? reason, bool json, CommandContext around, CancellationToken stop)
    {
        var lookup = new RunSearch(settings);
        var view = await lookup.ViewAsync(text, stop);
        around.Trail.Note("RunId", view.RunId.ToString());
        if (view.IsTerminal) throw new CommandFailure(ExitCode.Failed, $"Run {view.RunId} is {Words.Of(view.Status)}: there is nothing to cancel.");

        var ask = new CancelAsk(around.UserName, string.IsNullOrWhiteSpace(reason) ? null : reason);
        if (ServeLock.HolderOf(settings.Store) is { } holder) await new ServeClient(holder).CancelAsync(view.RunId, ask, stop);
        else new CancelRequest(settings.Store.Mail, view.RunId).Leave(ask);
        var heard = await HeardAsync(lookup, view, around.Clock, stop);
        if (heard is null)
            throw new CommandFailure(ExitCode.Unavailable, $"No process is executing run {view.RunId}. It is cancelled as soon as it is resumed.", $"orchestrator run --resume {view.RunId}");
        if (json)
            JsonOut.Document(around.Out, w =>
            {
                w.WriteString("run_id", view.RunId.ToString());
                w.WriteString("status", Words.Of(heard.Status));
            });
        else
            around.Out.WriteLine(heard.IsTerminal ? $"Run {view.RunId} is {Words.Of(heard.Status)}." : $"Run {view.RunId} is being cancelled.");
        return ExitCode.Ok;
    }

    // Until the owner has taken note, or has had time enough.
    private static async Task<RunView?> HeardAsync(RunSearch lookup, RunView before, TimeProvider clock, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < Patience)
        {
            if (await lookup.Archive.ViewAsync(before.RunId, stop) is { } now && (now.IsTerminal || now.CancelReason is not null)) return now;
            await Task.Delay(Look, clock, stop);
        }
        return null;
    }
}
