using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>A run was accepted: everything that stays constant for it. A run accepted is a run journaled.</summary>
[EventType("workflow.created", 4001, EventSeverity.Info)]
public sealed partial record WorkflowCreated : RunEvent
{
    /// <summary>Name of the workflow.</summary>
    [Recurring]
    public required string Workflow { get; init; }

    /// <summary>SHA-256 of the definition, 64 hex digits; the definition is stored under it.</summary>
    [Recurring]
    public required string DefinitionVersion { get; init; }

    /// <summary>Tenant of the run.</summary>
    [Recurring]
    public string TenantId { get; init; } = "default";

    /// <summary>Project of the run.</summary>
    public string? ProjectId { get; init; }

    /// <summary>
    /// Labels of the workflow, so that runs can be picked by them without its definition; null in runs of
    /// journal version 1, where only the definition has them.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, string>? Labels { get; init; }

    /// <summary>What asked for it.</summary>
    public TriggerKind Trigger { get; init; }

    /// <summary>Who asked for it: a user name, <c>schedule</c> or an API caller.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The schedule that started it.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>Its due time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Validated parameter values, defaults filled in.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>SHA-256 of the parameters' JSON, 64 hex digits.</summary>
    public string? InputsDigest { get; init; }

    /// <summary>The caller's key against double submission.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Constant over everything the run causes; its own id unless the caller gave one.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Event id of what triggered it.</summary>
    public string? CausationId { get; init; }

    /// <summary>The caller's trace context.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>
    /// Whether the run's spans leave even when it ends well, where that is not what the caller's context says (or yes, without one). Decided once,
    /// so that a worker that takes the run over agrees. The spans of a run that fails leave whatever stands here.
    /// </summary>
    public bool? Sampled { get; init; }

    /// <summary>Spans elsewhere that have to do with the run; default where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<TraceLink> Links { get; init; }

    /// <summary>Folder that relative paths of the definition start from.</summary>
    public string? BaseDir { get; init; }

    /// <summary>The run whose task started it.</summary>
    public RunId? ParentRunId { get; init; }

    /// <summary>That task.</summary>
    public TaskId? ParentTask { get; init; }

    /// <summary>How many runs it is nested in: 0 for one that no task started.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Depth { get; init; }

    /// <summary>Workflows whose runs led to it by triggers and tasks; default where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Chain { get; init; }

    /// <summary>The run it repeats, wholly or in part.</summary>
    public RunId? RetryOf { get; init; }

    /// <summary>1-based number among the attempts of a run that is retried as a whole; 0 where that never happened.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int RunAttempt { get; init; }

    /// <summary>Earliest start; null: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Its concurrency group, expressions replaced; null: none.</summary>
    public string? ConcurrencyGroup { get; init; }

    /// <summary>The process that accepted it; null in events of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WorkerFacts? Worker { get; init; }

    /// <summary>Always pending.</summary>
    public RunStatus StatusTo => RunStatus.Pending;
}

/// <summary>Pending to Queued.</summary>
[EventType("workflow.queued", 4002, EventSeverity.Info)]
public sealed partial record WorkflowQueued([property: Recurring] string Reason, [property: Recurring] string Queue, int Priority, int Position) : RunEvent
{
    /// <summary>Always pending.</summary>
    public RunStatus StatusFrom => RunStatus.Pending;

    /// <summary>Always queued.</summary>
    public RunStatus StatusTo => RunStatus.Queued;
}

/// <summary>Queued to Running: a worker owns the run.</summary>
[EventType("workflow.started", 4003, EventSeverity.Info)]
public sealed partial record WorkflowStarted : RunEvent
{
    /// <summary>Tasks in the graph.</summary>
    public required int TotalTasks { get; init; }

    /// <summary>Stages in order, <c>default</c> included where it is used.</summary>
    public ImmutableArray<string> Stages { get; init; } = [];

    /// <summary>Milliseconds between created and started.</summary>
    public double QueueWaitMs { get; init; }

    /// <summary>Why now.</summary>
    [Recurring]
    public string Reason { get; init; } = "worker started execution";

    /// <summary>1 at first, one more for each worker that took the run over.</summary>
    public int OwnerEpoch { get; init; } = 1;

    /// <summary>The owning worker's instance id.</summary>
    [Recurring]
    public string InstanceId { get; init; } = "";

    /// <summary>The process that owns it from here on; null in events of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WorkerFacts? Worker { get; init; }

    /// <summary>Always queued.</summary>
    public RunStatus StatusFrom => RunStatus.Queued;

    /// <summary>Always running.</summary>
    public RunStatus StatusTo => RunStatus.Running;
}

/// <summary>A user or a rule wants the run to end. A flag, not a state: the terminal state is decided once, at the end.</summary>
/// <param name="Reason">Why its tasks will be cancelled.</param>
/// <param name="Actor">Who asked; <c>orchestrator</c> for its own limits.</param>
[EventType("workflow.cancel_requested", 4004, EventSeverity.Info)]
public sealed partial record WorkflowCancelRequested(CancelReason Reason, string Actor) : RunEvent
{
    /// <summary>What went wrong in the program itself, where that is why the run is to end: it fails by panic. Null otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>Why, in the requester's words; null: no reason given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Comment { get; init; }
}

/// <summary>Another process took the run over after its worker was lost or stopped.</summary>
[EventType("workflow.recovered", 4005, EventSeverity.Warn)]
public sealed partial record WorkflowRecovered(string Reason, int OwnerEpoch, string InstanceId) : RunEvent
{
    /// <summary>The process that owns it from here on; null in events of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WorkerFacts? Worker { get; init; }
}

/// <summary>
/// In the place of an event that was told once and is not in the journal any more: one for each, so that what follows
/// has a seq, and an id, that was never used before.
/// </summary>
/// <param name="FirstSeq">The first that is lost.</param>
/// <param name="LastSeq">The last that was told.</param>
[EventType("workflow.events_lost", 4017, EventSeverity.Error)]
public sealed partial record WorkflowEventsLost(long FirstSeq, long LastSeq) : RunEvent;

/// <summary>Running to Paused: every unfinished task waits for approval, time or an event.</summary>
/// <param name="Reason">What is waited for, in a sentence.</param>
[EventType("workflow.paused", 4014, EventSeverity.Info)]
public sealed partial record WorkflowPaused(string Reason) : RunEvent
{
    /// <summary>Always running.</summary>
    public RunStatus StatusFrom => RunStatus.Running;

    /// <summary>Always paused.</summary>
    public RunStatus StatusTo => RunStatus.Paused;
}

/// <summary>Paused to Running: something that was waited for has come, or the run is to end.</summary>
/// <param name="Reason">Which, in a sentence.</param>
[EventType("workflow.resumed", 4015, EventSeverity.Info)]
public sealed partial record WorkflowResumed(string Reason) : RunEvent
{
    /// <summary>Always paused.</summary>
    public RunStatus StatusFrom => RunStatus.Paused;

    /// <summary>Always running.</summary>
    public RunStatus StatusTo => RunStatus.Running;
}

/// <summary>The run failed and is restarted as another run. It comes before the terminal event, so that a crash between the two loses neither.</summary>
/// <param name="NextRunId">The run that repeats it.</param>
/// <param name="NextAttempt">Its number among the attempts, from 2.</param>
/// <param name="NotBefore">Its earliest start.</param>
[EventType("workflow.retrying", 4016, EventSeverity.Warn)]
public sealed partial record WorkflowRetrying(RunId NextRunId, int NextAttempt, DateTimeOffset NotBefore) : RunEvent
{
    /// <summary>Milliseconds until then.</summary>
    public double DelayMs { get; init; }
}

/// <summary>The last task is terminal and the outcome is fixed; the state stays Running until the terminal event.</summary>
[EventType("workflow.finalizing", 4006, EventSeverity.Info)]
public sealed partial record WorkflowFinalizing(RunStatus Outcome) : RunEvent
{
    /// <summary>What made it a failure beside its tasks: results of the run that cannot be evaluated. Null otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

/// <summary>One of the three terminal events: exactly one per run, the last of its stream.</summary>
public abstract record WorkflowEnded : RunEvent
{
    /// <summary>How its tasks ended; the six numbers that follow are these.</summary>
    [JsonIgnore]
    public RunCounts Counts
    {
        get => new(Total, Completed, Failed, FailedAllowed, Skipped, Cancelled);
        init => (Total, Completed, Failed, FailedAllowed, Skipped, Cancelled) = value;
    }

    /// <summary>Tasks in the graph and children of fan-outs.</summary>
    [JsonRequired]
    public int Total { get; init; }

    /// <summary>Tasks that completed.</summary>
    [JsonRequired]
    public int Completed { get; init; }

    /// <summary>Tasks that failed, allowed failures aside.</summary>
    [JsonRequired]
    public int Failed { get; init; }

    /// <summary>Tasks that were allowed to fail and did.</summary>
    [JsonRequired]
    public int FailedAllowed { get; init; }

    /// <summary>Tasks that were skipped.</summary>
    [JsonRequired]
    public int Skipped { get; init; }

    /// <summary>Tasks that were cancelled.</summary>
    [JsonRequired]
    public int Cancelled { get; init; }

    /// <summary>Milliseconds from started to here; from created where it never started.</summary>
    public required double DurationMs { get; init; }

    /// <summary>True when the duration spans more than one process and is by the wall clock.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Resumed { get; init; }

    /// <summary>Handlers that failed: visible, but nothing changes by it. Not part of the six numbers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int HandlersFailed { get; init; }

    /// <summary>A sentence for people.</summary>
    [Recurring]
    public required string Reason { get; init; }

    /// <summary>The state before.</summary>
    public RunStatus StatusFrom { get; init; } = RunStatus.Running;

    /// <summary>The terminal state.</summary>
    public abstract RunStatus StatusTo { get; }
}

/// <summary>Running to Completed.</summary>
[EventType("workflow.completed", 4007, EventSeverity.Info)]
public sealed partial record WorkflowCompleted : WorkflowEnded
{
    /// <summary>Always true.</summary>
    public bool Success => true;

    /// <summary>Stages in which something ran.</summary>
    public ImmutableArray<string> StagesExecuted { get; init; } = [];

    /// <summary>The run's own results; null where its definition names none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, JsonElement>? WorkflowResult { get; init; }

    /// <inheritdoc/>
    public override RunStatus StatusTo => RunStatus.Completed;
}

/// <summary>Running to Failed, whatever the cause.</summary>
[EventType("workflow.failed", 4008, EventSeverity.Error)]
public sealed partial record WorkflowFailed : WorkflowEnded
{
    /// <summary>Always false.</summary>
    public bool Success => false;

    /// <summary>What happened, in a sentence.</summary>
    public required string Error { get; init; }

    /// <summary>The kind of the first failure.</summary>
    public required FailureKind ErrorType { get; init; }

    /// <summary>Which part is to blame.</summary>
    public required ErrorClass ErrorClass { get; init; }

    /// <summary>Stage of the first failed task.</summary>
    public string? FailedStage { get; init; }

    /// <summary>Failed tasks in the order they failed; at most 100.</summary>
    public ImmutableArray<Definitions.TaskId> FailedTasks { get; init; } = [];

    /// <summary>Why the run that was to repeat this one could not be accepted; null: it was accepted, or none was to follow.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RetryRefusal { get; init; }

    /// <inheritdoc/>
    public override RunStatus StatusTo => RunStatus.Failed;
}

/// <summary>To Cancelled.</summary>
[EventType("workflow.cancelled", 4009, EventSeverity.Info)]
public sealed partial record WorkflowCancelled : WorkflowEnded
{
    /// <summary>Why.</summary>
    public required CancelReason CancelReason { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? RequestedBy { get; init; }

    /// <inheritdoc/>
    public override RunStatus StatusTo => RunStatus.Cancelled;
}
