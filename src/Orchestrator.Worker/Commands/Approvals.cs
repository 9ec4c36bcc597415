using Orchestrator.Core;
using Orchestrator.Core.Runs.View;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands;

/// <summary>What waits for an answer now, over all paused and running runs.</summary>
internal static class Approvals
{
    private const int MostRuns = 1_000;

    public static async Task<int> ListAsync(Settings settings, bool json, Surroundings around, CancellationToken stop)
    {
        var archive = new RunSearch(settings).Archive;
        var any = false;
        foreach (var (view, task) in await FindAsync(archive, stop))
        {
            any = true;
            if (json) JsonOut.Document(around.Out, w => Write(w, view, task));
            else around.Out.WriteLine($"{view.RunId}  {task.Id}  {task.Waiting!.Prompt}  ({task.Waiting.ApprovedBy.Length}/{task.Waiting.Required}, until {task.Waiting.Until:yyyy-MM-dd HH:mm} UTC)");
        }
        if (!any && !json) around.Out.WriteLine("Nothing waits for an answer.");
        return ExitCode.Ok;
    }

    public static async Task<IReadOnlyList<(RunView Run, TaskView Task)>> FindAsync(RunArchive archive, CancellationToken stop)
    {
        var found = new List<(RunView, TaskView)>();
        foreach (var status in new[] { RunStatus.Paused, RunStatus.Running })
            foreach (var row in await archive.ListAsync(new(status, null, MostRuns, null), stop))
                if (await archive.ViewAsync(row.RunId, stop) is { } view)
                    found.AddRange(view.Tasks.Where(t => t.Waiting is { Kind: WaitKind.Approval }).Select(t => (view, t)));
        return found;
    }

    public static void Write(System.Text.Json.Utf8JsonWriter w, RunView view, TaskView task)
    {
        w.WriteString("run_id", view.RunId.ToString());
        w.WriteString("workflow", view.Workflow);
        w.WriteString("task", task.Id.ToString());
        w.WriteString("prompt", task.Waiting!.Prompt);
        w.WriteNumber("required", task.Waiting.Required);
        w.WriteStartArray("approved_by");
        foreach (var who in task.Waiting.ApprovedBy) w.WriteStringValue(who);
        w.WriteEndArray();
        w.WriteStartArray("approvers");
        foreach (var who in task.Waiting.Approvers) w.WriteStringValue(who);
        w.WriteEndArray();
        w.WriteString("expires_at", task.Waiting.Until is { } until ? JsonOut.Instant(until) : null);
    }
}
