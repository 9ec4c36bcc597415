using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>The folder that the tasks of a run share for files between them; it ends with the run, unless the workflow keeps it.</summary>
internal static class ScratchFolder
{
    /// <summary>Removes it by the workflow's rule, beside the loop, and then tells those who wait for the run's end.</summary>
    public static void EndOf(OpenRun run, WorkflowEnded end, IRunFiles files, Disk disk, ILogger log)
    {
        var stays = run.State.Plan.Definition.KeepRunDir switch
        {
            KeepRule.Always => true,
            KeepRule.Never => false,
            _ => end.StatusTo != RunStatus.Completed,
        };
        var folder = RunFolder.ScratchOf(files.DirectoryOf(run.Id));
        if (stays || !Directory.Exists(folder)) Tell(run, end);
        else
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                Remove(run.Id, folder, disk, log);
                Tell(run, end);
            }, null);
    }

    private static void Tell(OpenRun run, WorkflowEnded end)
    {
        foreach (var watcher in run.Watchers) watcher.TrySetResult(end);
    }

    private static void Remove(RunId run, string folder, Disk disk, ILogger log)
    {
        try { disk.DeleteTree(folder); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { log.ScratchStays(e, run, folder); }
    }
}
