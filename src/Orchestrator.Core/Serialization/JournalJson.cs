using System.Text.Json.Serialization;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>
/// The shapes by which event data is read: snake_case. One line per event type. A field missing from a line reads as null
/// or zero, never as the initialiser in the record: a new field with another default needs a new version and an upcaster.
/// </summary>
[JsonSourceGenerationOptions(
    MaxDepth = JsonBounds.MaxStoredDepth,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(InstantJson)])]
[JsonSerializable(typeof(WorkflowCreated))]
[JsonSerializable(typeof(WorkflowQueued))]
[JsonSerializable(typeof(WorkflowStarted))]
[JsonSerializable(typeof(WorkflowCancelRequested))]
[JsonSerializable(typeof(WorkflowRecovered))]
[JsonSerializable(typeof(WorkflowFinalizing))]
[JsonSerializable(typeof(WorkflowCompleted))]
[JsonSerializable(typeof(WorkflowFailed))]
[JsonSerializable(typeof(WorkflowCancelled))]
[JsonSerializable(typeof(StageStarted))]
[JsonSerializable(typeof(StageCompleted))]
[JsonSerializable(typeof(StageFailed))]
[JsonSerializable(typeof(StageSkipped))]
[JsonSerializable(typeof(TaskQueued))]
[JsonSerializable(typeof(TaskStarted))]
[JsonSerializable(typeof(TaskCompleted))]
[JsonSerializable(typeof(TaskRetrying))]
[JsonSerializable(typeof(TaskFailed))]
[JsonSerializable(typeof(TaskSkipped))]
[JsonSerializable(typeof(TaskCancelled))]
[JsonSerializable(typeof(WorkflowPaused))]
[JsonSerializable(typeof(WorkflowResumed))]
[JsonSerializable(typeof(WorkflowEventsLost))]
[JsonSerializable(typeof(WorkflowRetrying))]
[JsonSerializable(typeof(TaskWaiting))]
[JsonSerializable(typeof(TaskExpanded))]
[JsonSerializable(typeof(TaskProgress))]
[JsonSerializable(typeof(CheckpointPending))]
[JsonSerializable(typeof(CheckpointApproved))]
[JsonSerializable(typeof(CheckpointRejected))]
[JsonSerializable(typeof(CheckpointExpired))]
[JsonSerializable(typeof(SlaAtRisk))]
[JsonSerializable(typeof(SlaExceeded))]
[JsonSerializable(typeof(ScheduleFired))]
[JsonSerializable(typeof(ScheduleSkipped))]
[JsonSerializable(typeof(ScheduleLate))]
[JsonSerializable(typeof(ScheduleCaughtUp))]
[JsonSerializable(typeof(ScheduleBlocked))]
[JsonSerializable(typeof(ScheduleQueued))]
[JsonSerializable(typeof(ScheduleDispatched))]
[JsonSerializable(typeof(ScheduleFailed))]
[JsonSerializable(typeof(ScheduleUpdated))]
[JsonSerializable(typeof(SchedulePaused))]
[JsonSerializable(typeof(ScheduleResumed))]
[JsonSerializable(typeof(ScheduleOverdue))]
[JsonSerializable(typeof(DefinitionRejected))]
[JsonSerializable(typeof(WorkerStarted))]
[JsonSerializable(typeof(WorkerStopping))]
[JsonSerializable(typeof(WebhookAttempted))]
[JsonSerializable(typeof(WebhookDelivered))]
[JsonSerializable(typeof(WebhookFailed))]
[JsonSerializable(typeof(TelemetryDegraded))]
[JsonSerializable(typeof(TelemetryRecovered))]
[JsonSerializable(typeof(JournalTailCut))]
[JsonSerializable(typeof(JournalRepaired))]
[JsonSerializable(typeof(JournalEventsLost))]
internal sealed partial class JournalJson : JsonSerializerContext;
