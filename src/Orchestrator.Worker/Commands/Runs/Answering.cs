using Orchestrator.Core;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>Brings an answer or event to the process that executes a run: to `serve` by its socket, to another `run` by the run's folder.</summary>
internal static class Answering
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="CommandFailure">It was refused, or no process is executing the run; then it is kept until the run is resumed.</exception>
    public static async Task SendAsync(Settings settings, RunView run, MailItem item, CommandContext around, CancellationToken stop)
    {
        if (run.IsTerminal) throw new CommandFailure(ExitCode.Failed, $"Run {run.RunId} is {Words.Of(run.Status)}: it no longer waits for answers.");
        if (ServeLock.HolderOf(settings.Store) is { } holder)
        {
            await new ServeClient(holder).AnswerAsync(run.RunId, item, stop);
            return;
        }
        var answer = await new AnswerMailbox(settings.Store.Mail, run.RunId).LeaveAsync(item, Patience, around.Clock, stop)
            ?? throw new CommandFailure(ExitCode.Unavailable, $"No process is executing run {run.RunId}. The answer is kept until the run is resumed.", $"orchestrator run --resume {run.RunId}");
        if (answer.Code is not null) throw new CommandFailure(CodeOf(answer.Code), answer.Message!);
    }

    private static int CodeOf(string refusal) => refusal switch { "not_found" => ExitCode.NotFound, "invalid_values" => ExitCode.Usage, _ => ExitCode.Failed };
}
