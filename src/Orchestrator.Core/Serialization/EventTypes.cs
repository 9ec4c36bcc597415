using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Core.Serialization;

/// <summary>The names of events on disk and the shapes they are read by; <see cref="EventBody"/> writes them. A name never changes its meaning.</summary>
internal static class EventTypes
{
    private static readonly FrozenDictionary<string, JsonTypeInfo> ByName = new Dictionary<string, JsonTypeInfo>
    {
        ["workflow.created"] = JournalJson.Default.WorkflowCreated,
        ["workflow.queued"] = JournalJson.Default.WorkflowQueued,
        ["workflow.started"] = JournalJson.Default.WorkflowStarted,
        ["workflow.cancel_requested"] = JournalJson.Default.WorkflowCancelRequested,
        ["workflow.recovered"] = JournalJson.Default.WorkflowRecovered,
        ["workflow.finalizing"] = JournalJson.Default.WorkflowFinalizing,
        ["workflow.completed"] = JournalJson.Default.WorkflowCompleted,
        ["workflow.failed"] = JournalJson.Default.WorkflowFailed,
        ["workflow.cancelled"] = JournalJson.Default.WorkflowCancelled,
        ["stage.started"] = JournalJson.Default.StageStarted,
        ["stage.completed"] = JournalJson.Default.StageCompleted,
        ["stage.failed"] = JournalJson.Default.StageFailed,
        ["stage.skipped"] = JournalJson.Default.StageSkipped,
        ["task.queued"] = JournalJson.Default.TaskQueued,
        ["task.started"] = JournalJson.Default.TaskStarted,
        ["task.completed"] = JournalJson.Default.TaskCompleted,
        ["task.retrying"] = JournalJson.Default.TaskRetrying,
        ["task.failed"] = JournalJson.Default.TaskFailed,
        ["task.skipped"] = JournalJson.Default.TaskSkipped,
        ["task.cancelled"] = JournalJson.Default.TaskCancelled,
        ["schedule.fired"] = JournalJson.Default.ScheduleFired,
        ["schedule.skipped"] = JournalJson.Default.ScheduleSkipped,
        ["definition.rejected"] = JournalJson.Default.DefinitionRejected,
        ["worker.started"] = JournalJson.Default.WorkerStarted,
        ["worker.stopping"] = JournalJson.Default.WorkerStopping,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, JsonTypeInfo>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool TryFind(ReadOnlySpan<char> name, out JsonTypeInfo shape) => BySpan.TryGetValue(name, out shape!);
}
