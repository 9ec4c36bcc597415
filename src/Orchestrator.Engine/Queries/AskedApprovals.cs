using System.Globalization;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs.View;

namespace Orchestrator.Engine.Queries;

/// <summary>What waits for an answer now, over all paused and running runs.</summary>
internal static class AskedApprovals
{
    private const int MaxRuns = 1_000;

    public static async Task<IReadOnlyList<(RunView Run, TaskView Task)>> FindAsync(RunArchive archive, CancellationToken stop)
    {
        var found = new List<(RunView, TaskView)>();
        foreach (var status in new[] { RunStatus.Paused, RunStatus.Running })
            foreach (var row in await archive.ListAsync(new(status, null, MaxRuns, null), stop).ConfigureAwait(false))
                if (await archive.ViewAsync(row.RunId, stop).ConfigureAwait(false) is { } view)
                    found.AddRange(view.Tasks.Where(t => t.Waiting is { Kind: WaitKind.Approval }).Select(t => (view, t)));
        return found;
    }

    /// <summary>Writes the members of one.</summary>
    public static void Write(Utf8JsonWriter w, RunView view, TaskView task)
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
        w.WriteString("expires_at", task.Waiting.Until is { } until ? until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) : null);
    }
}
