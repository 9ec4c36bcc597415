using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>A fact about one trigger of a workflow; lives in the trigger's own stream, its ledger.</summary>
public abstract record TriggerEvent : JournalEvent
{
    /// <summary>The trigger, unique within its workflow.</summary>
    public abstract string TriggerId { get; init; }

    /// <summary>Name of the workflow.</summary>
    public abstract string Workflow { get; init; }
}

/// <summary>
/// A delivery was taken. It ends as part of a <see cref="TriggerFired"/>, as <see cref="TriggerDebounced"/> or as <see cref="TriggerRejected"/>.
/// </summary>
/// <param name="DeliveryId">What makes it the same delivery when it comes again.</param>
/// <param name="Source">Where it came from.</param>
[EventType("trigger.received", 4100, EventSeverity.Debug)]
public sealed partial record TriggerReceived([property: Recurring] string TriggerId, [property: Recurring] string Workflow, string DeliveryId, TriggerSource Source) : TriggerEvent
{
    /// <summary>What it said, while it waits for others; null where it starts its run at once.</summary>
    public JsonElement? Facts { get; init; }

    /// <summary>The caller's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Id of the event that caused it, if it is an event of this program.</summary>
    public string? CausationId { get; init; }

    /// <summary>The caller's trace context.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>The span that took the caller's request.</summary>
    public TraceStamp? Via { get; init; }

    /// <summary>How many runs started each other by triggers before this one.</summary>
    public int? Depth { get; init; }

    /// <summary>Workflows whose runs led to it by triggers, in order of their first; default where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Chain { get; init; }
}

/// <summary>A trigger starts a run. Written before the run is submitted; <see cref="TriggerDispatched"/> or <see cref="TriggerFailed"/> follows.</summary>
/// <param name="RunId">The run.</param>
[EventType("trigger.fired", 4101, EventSeverity.Info)]
public sealed partial record TriggerFired([property: Recurring] string TriggerId, [property: Recurring] string Workflow, RunId RunId) : TriggerEvent
{
    /// <summary>The deliveries that it is for, in their order.</summary>
    public ImmutableArray<string> Deliveries { get; init; } = [];

    /// <summary>Parameters of the run.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The caller's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Id of the event that caused it, if it is an event of this program.</summary>
    public string? CausationId { get; init; }

    /// <summary>The caller's trace context: the run is below it.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>The span that took the caller's request.</summary>
    public TraceStamp? Via { get; init; }

    /// <summary>Spans of the callers where there are several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<TraceLink> Links { get; init; }

    /// <summary>How many runs started each other by triggers before this one.</summary>
    public int? Depth { get; init; }

    /// <summary>Workflows whose runs led to it by triggers, in order of their first; default where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Chain { get; init; }
}

/// <summary>The run of a trigger was accepted.</summary>
[EventType("trigger.dispatched", 4102, EventSeverity.Debug)]
public sealed partial record TriggerDispatched([property: Recurring] string TriggerId, [property: Recurring] string Workflow, RunId RunId) : TriggerEvent;

/// <summary>The run of a trigger was refused and can never be accepted.</summary>
/// <param name="Error">Why, for people.</param>
[EventType("trigger.failed", 4103, EventSeverity.Error)]
public sealed partial record TriggerFailed([property: Recurring] string TriggerId, [property: Recurring] string Workflow, RunId RunId, string Error) : TriggerEvent;

/// <summary>A delivery came again. Nothing is started.</summary>
/// <param name="DeliveryId">The delivery.</param>
[EventType("trigger.duplicate", 4104, EventSeverity.Info)]
public sealed partial record TriggerDuplicate([property: Recurring] string TriggerId, [property: Recurring] string Workflow, string DeliveryId) : TriggerEvent
{
    /// <summary>The run that it started the first time; null: it waits, or a later delivery took its place.</summary>
    public RunId? RunId { get; init; }
}

/// <summary>A delivery was refused, or several in a row for the same reason.</summary>
/// <param name="Reason">Why; see <see cref="Triggers.RejectReasons"/>.</param>
[EventType("trigger.rejected", 4105, EventSeverity.Warn)]
public sealed partial record TriggerRejected([property: Recurring] string TriggerId, [property: Recurring] string Workflow, [property: Recurring] string Reason) : TriggerEvent
{
    /// <summary>The delivery; null where it is not known, or there are several.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>What is wrong, for people.</summary>
    public string? Error { get; init; }

    /// <summary>How many there were; null: one.</summary>
    public int? Count { get; init; }

    /// <summary>When the first of several came.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>A delivery ends without a run: a later one came while it waited.</summary>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="By">The later one.</param>
[EventType("trigger.debounced", 4106, EventSeverity.Debug)]
public sealed partial record TriggerDebounced([property: Recurring] string TriggerId, [property: Recurring] string Workflow, string DeliveryId, string By) : TriggerEvent;

/// <summary>What has not come to its end, written down again so that old entries can be removed.</summary>
[EventType("trigger.restated", 4107, EventSeverity.Debug)]
public sealed partial record TriggerRestated([property: Recurring] string TriggerId, [property: Recurring] string Workflow) : TriggerEvent
{
    /// <summary>Runs that are not known to be accepted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<PendingTriggerRun> Pending { get; init; }

    /// <summary>Deliveries that wait for others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<HeldDelivery> Held { get; init; }

    /// <summary>When the first delivery came of those that wait or gave way to a later one.</summary>
    public DateTimeOffset? HeldSince { get; init; }
}

/// <summary>A trigger's run that is not known to be accepted.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Seq">Seq of the entry that starts it: the run's cause.</param>
/// <param name="Params">Parameters of the run.</param>
public sealed record PendingTriggerRun(RunId RunId, long Seq, ImmutableSortedDictionary<string, JsonElement> Params)
{
    /// <summary>The caller's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The caller's trace context.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>The span that took the caller's request.</summary>
    public TraceStamp? Via { get; init; }

    /// <summary>Spans of the callers where there are several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<TraceLink> Links { get; init; }

    /// <summary>How many runs started each other by triggers before this one.</summary>
    public int? Depth { get; init; }

    /// <summary>Workflows whose runs led to it by triggers, in order of their first; default where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Chain { get; init; }
}

/// <summary>A delivery that waits for others.</summary>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Facts">What it said.</param>
public sealed record HeldDelivery(string DeliveryId, DateTimeOffset ReceivedAt, JsonElement Facts)
{
    /// <summary>The caller's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Event id of what caused it.</summary>
    public string? CausationId { get; init; }

    /// <summary>The caller's trace context.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>The span that took the caller's request.</summary>
    public TraceStamp? Via { get; init; }

    /// <summary>How many runs started each other by triggers before this one.</summary>
    public int? Depth { get; init; }

    /// <summary>Workflows whose runs led to it by triggers, in order of their first; default where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Chain { get; init; }
}
