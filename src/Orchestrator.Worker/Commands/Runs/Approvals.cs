using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>What waits for an answer now, over all paused and running runs.</summary>
internal static class Approvals
{
    public static async Task<int> ListAsync(Settings settings, bool json, CommandContext around, CancellationToken stop)
    {
        var archive = new RunSearch(settings).Archive;
        var any = false;
        foreach (var (view, task) in await AskedApprovals.FindAsync(archive, stop))
        {
            any = true;
            if (json) JsonOut.Document(around.Out, w => AskedApprovals.Write(w, view, task));
            else around.Out.WriteLine($"{view.RunId}  {task.Id}  {task.Waiting!.Prompt}  ({task.Waiting.ApprovedBy.Length}/{task.Waiting.Required}, until {task.Waiting.Until:yyyy-MM-dd HH:mm} UTC)");
        }
        if (!any && !json) around.Out.WriteLine("No task waits for an answer.");
        return ExitCode.Ok;
    }
}
