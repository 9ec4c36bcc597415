using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>A fact about one backfill; lives in the backfill's own stream.</summary>
public abstract record BackfillEvent : JournalEvent
{
    /// <summary>Id of the backfill, a lower-case UUID.</summary>
    public abstract string BackfillId { get; init; }

    /// <summary>Name of the workflow.</summary>
    public abstract string Workflow { get; init; }
}

/// <summary>A fact about one item of a backfill.</summary>
public abstract record BackfillItemEvent : BackfillEvent
{
    /// <summary>Number of the item in the order of execution, from 1.</summary>
    public abstract int Item { get; init; }

    /// <summary>The item's run.</summary>
    public abstract RunId RunId { get; init; }
}

/// <summary>A backfill was accepted: everything that stays constant for it. <see cref="BackfillPlanned"/> with its items follows in the same batch.</summary>
/// <param name="BackfillId">Id of the backfill.</param>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="Items">How many items it has; each becomes one run.</param>
/// <param name="Parallelism">At most so many of its runs are open at the same time.</param>
/// <param name="Order">Which items come first.</param>
/// <param name="From">Begin of the range, as it was asked for.</param>
/// <param name="To">End of the range, as it was asked for.</param>
/// <param name="Actor">Who asked for it.</param>
[EventType("backfill.created", 4088, EventSeverity.Info)]
public sealed partial record BackfillCreated(
    [property: Recurring] string BackfillId, [property: Recurring] string Workflow, int Items, int Parallelism, BackfillOrder Order, string From, string To, string Actor) : BackfillEvent
{
    /// <summary>The schedule whose due times are the items; null: they are dates.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>The parameter that the items are values of; null: they are due times.</summary>
    public string? Param { get; init; }

    /// <summary>Days between two dates; null: the items are due times.</summary>
    public int? StepDays { get; init; }

    /// <summary>SHA-256 of the definition that all its runs have.</summary>
    public string? DefinitionVersion { get; init; }

    /// <summary>Folder that relative paths of the definition start from.</summary>
    public string? BaseDir { get; init; }

    /// <summary>Parameter values of its runs, over those of the schedule.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Why it was asked for.</summary>
    public string? Reason { get; init; }

    /// <summary>The caller's correlation id; null: the backfill's id is that of its runs.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The caller's trace context: the runs are linked to it.</summary>
    public TraceStamp? Trace { get; init; }
}

/// <summary>Items of a backfill in the order of execution, after those that were planned before.</summary>
/// <param name="Items">Due times (UTC) or dates.</param>
[EventType("backfill.planned", 4089, EventSeverity.Debug)]
public sealed partial record BackfillPlanned([property: Recurring] string BackfillId, [property: Recurring] string Workflow, ImmutableArray<string> Items) : BackfillEvent;

/// <summary>
/// An item starts its run. Written before the run is submitted; <see cref="BackfillItemDispatched"/> or <see cref="BackfillItemEnded"/> follows.
/// </summary>
/// <param name="Item">Number of the item.</param>
/// <param name="Key">Its due time or date.</param>
/// <param name="RunId">Its run.</param>
[EventType("backfill.item_started", 4090, EventSeverity.Info)]
public sealed partial record BackfillItemStarted([property: Recurring] string BackfillId, [property: Recurring] string Workflow, int Item, string Key, RunId RunId) : BackfillItemEvent;

/// <summary>The run of an item was accepted.</summary>
[EventType("backfill.item_dispatched", 4091, EventSeverity.Debug)]
public sealed partial record BackfillItemDispatched([property: Recurring] string BackfillId, [property: Recurring] string Workflow, int Item, RunId RunId) : BackfillItemEvent;

/// <summary>An item has come to its end.</summary>
/// <param name="Item">Number of the item.</param>
/// <param name="RunId">Its run.</param>
/// <param name="Outcome">How.</param>
[EventType("backfill.item_ended", 4092, EventSeverity.Info)]
public sealed partial record BackfillItemEnded([property: Recurring] string BackfillId, [property: Recurring] string Workflow, int Item, RunId RunId, BackfillOutcome Outcome) : BackfillItemEvent
{
    /// <summary>Why its run was refused; null otherwise.</summary>
    public string? Error { get; init; }

    /// <summary>The last of the runs that repeated its run; null: it was not repeated.</summary>
    public RunId? LastRunId { get; init; }
}

/// <summary>A user cancels a backfill: no more items start, and its open runs are asked to stop.</summary>
/// <param name="Actor">Who.</param>
[EventType("backfill.cancel_requested", 4093, EventSeverity.Info)]
public sealed partial record BackfillCancelRequested([property: Recurring] string BackfillId, [property: Recurring] string Workflow, string Actor) : BackfillEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>All items of a backfill have come to their end, or it was cancelled and none is open any more. Its last event.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Completed">Items whose run completed.</param>
/// <param name="Failed">Items whose run failed or was refused.</param>
/// <param name="Cancelled">Items whose run was cancelled.</param>
/// <param name="NotStarted">Items that never started.</param>
[EventType("backfill.finished", 4094, EventSeverity.Info)]
public sealed partial record BackfillFinished(
    [property: Recurring] string BackfillId, [property: Recurring] string Workflow, BackfillStatus Status, int Completed, int Failed, int Cancelled, int NotStarted) : BackfillEvent
{
    /// <summary>Items whose run was removed before its end was seen.</summary>
    public int Unknown { get; init; }

    /// <summary>Milliseconds since it was created.</summary>
    public double DurationMs { get; init; }
}
