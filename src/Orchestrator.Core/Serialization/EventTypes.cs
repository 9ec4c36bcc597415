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
        ["workflow.paused"] = JournalJson.Default.WorkflowPaused,
        ["workflow.resumed"] = JournalJson.Default.WorkflowResumed,
        ["workflow.retrying"] = JournalJson.Default.WorkflowRetrying,
        ["task.waiting"] = JournalJson.Default.TaskWaiting,
        ["task.expanded"] = JournalJson.Default.TaskExpanded,
        ["task.progress"] = JournalJson.Default.TaskProgress,
        ["checkpoint.pending"] = JournalJson.Default.CheckpointPending,
        ["checkpoint.approved"] = JournalJson.Default.CheckpointApproved,
        ["checkpoint.rejected"] = JournalJson.Default.CheckpointRejected,
        ["checkpoint.expired"] = JournalJson.Default.CheckpointExpired,
        ["sla.at_risk"] = JournalJson.Default.SlaAtRisk,
        ["sla.exceeded"] = JournalJson.Default.SlaExceeded,
        ["schedule.fired"] = JournalJson.Default.ScheduleFired,
        ["schedule.skipped"] = JournalJson.Default.ScheduleSkipped,
        ["definition.rejected"] = JournalJson.Default.DefinitionRejected,
        ["worker.started"] = JournalJson.Default.WorkerStarted,
        ["worker.stopping"] = JournalJson.Default.WorkerStopping,
        ["telemetry.degraded"] = JournalJson.Default.TelemetryDegraded,
        ["telemetry.recovered"] = JournalJson.Default.TelemetryRecovered,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, JsonTypeInfo>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool TryFind(ReadOnlySpan<char> name, out JsonTypeInfo shape) => BySpan.TryGetValue(name, out shape!);
}
