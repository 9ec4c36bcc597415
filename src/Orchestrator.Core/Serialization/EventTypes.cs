using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Core.Serialization;

/// <summary>The names of events on disk and the shapes they are read by; <see cref="EventBody"/> writes them. A name never changes its meaning.</summary>
internal static class EventTypes
{
    private static readonly FrozenDictionary<string, Func<JsonTypeInfo>> ByName = new Dictionary<string, Func<JsonTypeInfo>>
    {
        ["workflow.created"] = static () => JournalJson.Default.WorkflowCreated,
        ["workflow.queued"] = static () => JournalJson.Default.WorkflowQueued,
        ["workflow.started"] = static () => JournalJson.Default.WorkflowStarted,
        ["workflow.cancel_requested"] = static () => JournalJson.Default.WorkflowCancelRequested,
        ["workflow.recovered"] = static () => JournalJson.Default.WorkflowRecovered,
        ["workflow.finalizing"] = static () => JournalJson.Default.WorkflowFinalizing,
        ["workflow.completed"] = static () => JournalJson.Default.WorkflowCompleted,
        ["workflow.failed"] = static () => JournalJson.Default.WorkflowFailed,
        ["workflow.cancelled"] = static () => JournalJson.Default.WorkflowCancelled,
        ["stage.started"] = static () => JournalJson.Default.StageStarted,
        ["stage.completed"] = static () => JournalJson.Default.StageCompleted,
        ["stage.failed"] = static () => JournalJson.Default.StageFailed,
        ["stage.skipped"] = static () => JournalJson.Default.StageSkipped,
        ["task.queued"] = static () => JournalJson.Default.TaskQueued,
        ["task.started"] = static () => JournalJson.Default.TaskStarted,
        ["task.completed"] = static () => JournalJson.Default.TaskCompleted,
        ["task.retrying"] = static () => JournalJson.Default.TaskRetrying,
        ["task.failed"] = static () => JournalJson.Default.TaskFailed,
        ["task.skipped"] = static () => JournalJson.Default.TaskSkipped,
        ["task.cancelled"] = static () => JournalJson.Default.TaskCancelled,
        ["workflow.paused"] = static () => JournalJson.Default.WorkflowPaused,
        ["workflow.resumed"] = static () => JournalJson.Default.WorkflowResumed,
        ["workflow.events_lost"] = static () => JournalJson.Default.WorkflowEventsLost,
        ["workflow.retrying"] = static () => JournalJson.Default.WorkflowRetrying,
        ["task.waiting"] = static () => JournalJson.Default.TaskWaiting,
        ["task.expanded"] = static () => JournalJson.Default.TaskExpanded,
        ["task.progress"] = static () => JournalJson.Default.TaskProgress,
        ["checkpoint.pending"] = static () => JournalJson.Default.CheckpointPending,
        ["checkpoint.approved"] = static () => JournalJson.Default.CheckpointApproved,
        ["checkpoint.rejected"] = static () => JournalJson.Default.CheckpointRejected,
        ["checkpoint.expired"] = static () => JournalJson.Default.CheckpointExpired,
        ["sla.at_risk"] = static () => JournalJson.Default.SlaAtRisk,
        ["sla.exceeded"] = static () => JournalJson.Default.SlaExceeded,
        ["schedule.fired"] = static () => JournalJson.Default.ScheduleFired,
        ["schedule.skipped"] = static () => JournalJson.Default.ScheduleSkipped,
        ["definition.rejected"] = static () => JournalJson.Default.DefinitionRejected,
        ["worker.started"] = static () => JournalJson.Default.WorkerStarted,
        ["worker.stopping"] = static () => JournalJson.Default.WorkerStopping,
        ["webhook.attempted"] = static () => JournalJson.Default.WebhookAttempted,
        ["webhook.delivered"] = static () => JournalJson.Default.WebhookDelivered,
        ["webhook.failed"] = static () => JournalJson.Default.WebhookFailed,
        ["telemetry.degraded"] = static () => JournalJson.Default.TelemetryDegraded,
        ["telemetry.recovered"] = static () => JournalJson.Default.TelemetryRecovered,
        ["journal.tail_cut"] = static () => JournalJson.Default.JournalTailCut,
        ["journal.repaired"] = static () => JournalJson.Default.JournalRepaired,
        ["journal.events_lost"] = static () => JournalJson.Default.JournalEventsLost,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<JsonTypeInfo>>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A shape is made when it is first asked for: to make them all takes a good part of a program's start.</summary>
    public static bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out JsonTypeInfo? shape)
    {
        shape = BySpan.TryGetValue(name, out var make) ? make() : null;
        return shape is not null;
    }
}
