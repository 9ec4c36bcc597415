using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>A fact about one schedule; lives in the schedule's own stream, its ledger.</summary>
public abstract record ScheduleEvent : JournalEvent
{
    /// <summary>The schedule, unique within its workflow.</summary>
    public abstract string ScheduleId { get; init; }

    /// <summary>Name of the workflow.</summary>
    public abstract string Workflow { get; init; }

    /// <summary>Whether it gives the outcome of a due time, or says that the due time waits.</summary>
    internal bool Decides(DateTimeOffset due) => this switch
    {
        ScheduleStarts e => e.DueAt == due,
        ScheduleSkipped e => due >= e.DueAt && due <= (e.Until ?? e.DueAt),
        ScheduleBlocked e => e.DueAt == due,
        ScheduleQueued e => e.DueAt == due,
        ScheduleStopping e => e.DueAt == due,
        _ => false,
    };
}

/// <summary>A due time starts a run. Written before the run is submitted; <see cref="ScheduleDispatched"/> or <see cref="ScheduleFailed"/> follows.</summary>
public abstract record ScheduleStarts : ScheduleEvent
{
    /// <summary>The due time, UTC.</summary>
    public abstract DateTimeOffset DueAt { get; init; }

    /// <summary>The run.</summary>
    public abstract RunId RunId { get; init; }

    /// <summary>The due time that is waited for from then on; null: there is none.</summary>
    public abstract DateTimeOffset? NextDueAt { get; init; }

    /// <summary>Runs that are cancelled for it; null: none.</summary>
    public ImmutableArray<RunId>? Replaces { get; init; }
}

/// <summary>A due time starts its run in time: it was decided at most 60 s after it was due.</summary>
[EventType("schedule.fired", 4030, EventSeverity.Info)]
public sealed partial record ScheduleFired([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, RunId RunId, DateTimeOffset? NextDueAt) : ScheduleStarts;

/// <summary>A due time starts its run late: it was decided more than 60 s after it was due, though the scheduler was awake.</summary>
[EventType("schedule.late", 4032, EventSeverity.Warn)]
public sealed partial record ScheduleLate([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, RunId RunId, DateTimeOffset? NextDueAt) : ScheduleStarts;

/// <summary>A due time that was missed starts its run, as the schedule's catch-up says.</summary>
[EventType("schedule.caught_up", 4033, EventSeverity.Info)]
public sealed partial record ScheduleCaughtUp([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, RunId RunId, DateTimeOffset? NextDueAt) : ScheduleStarts;

/// <summary>Due times pass without a run: one, or all of a range.</summary>
/// <param name="DueAt">The due time; of a range, the first.</param>
/// <param name="Reason">Why; see <see cref="Schedules.Ledger.SkipReasons"/>.</param>
[EventType("schedule.skipped", 4031, EventSeverity.Info)]
public sealed partial record ScheduleSkipped([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, [property: Recurring] string Reason) : ScheduleEvent
{
    /// <summary>The last due time of a range; null: it is only one.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How many due times a range has; null: one.</summary>
    public int? Count { get; init; }

    /// <summary>The due time that is waited for from then on.</summary>
    public DateTimeOffset? NextDueAt { get; init; }
}

/// <summary>A due time passes without a run because another run of the schedule is open.</summary>
/// <param name="DueAt">The due time, UTC.</param>
/// <param name="By">The open run.</param>
[EventType("schedule.blocked", 4034, EventSeverity.Info)]
public sealed partial record ScheduleBlocked([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, RunId By) : ScheduleEvent
{
    /// <summary>The due time that is waited for from then on.</summary>
    public DateTimeOffset? NextDueAt { get; init; }
}

/// <summary>A due time waits for the open runs of the schedule; it ends as one of the other entries.</summary>
/// <param name="DueAt">The due time, UTC.</param>
/// <param name="By">A run it waits for.</param>
[EventType("schedule.queued", 4037, EventSeverity.Info)]
public sealed partial record ScheduleQueued([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, RunId By) : ScheduleEvent
{
    /// <summary>Whether it was missed, and is caught up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Missed { get; init; }

    /// <summary>Runs that are cancelled and that alone it waits for (<c>action: restart</c>); null: it cancels none.</summary>
    public ImmutableArray<RunId>? Stops { get; init; }

    /// <summary>The due time that is waited for from then on.</summary>
    public DateTimeOffset? NextDueAt { get; init; }
}

/// <summary>A due time cancels the open runs of its workflow. Written before they are asked to stop.</summary>
/// <remarks><see cref="ScheduleStopped"/> follows once they have ended, where there are any.</remarks>
/// <param name="DueAt">The due time, UTC.</param>
/// <param name="Runs">The open runs; empty: none was open.</param>
[EventType("schedule.stopping", 4108, EventSeverity.Info)]
public sealed partial record ScheduleStopping([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, ImmutableArray<RunId> Runs) : ScheduleEvent
{
    /// <summary>The due time that is waited for from then on.</summary>
    public DateTimeOffset? NextDueAt { get; init; }
}

/// <summary>The runs that a due time cancels have ended.</summary>
/// <param name="DueAt">The due time, UTC.</param>
/// <param name="Runs">The runs.</param>
[EventType("schedule.stopped", 4109, EventSeverity.Info)]
public sealed partial record ScheduleStopped([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, ImmutableArray<RunId> Runs) : ScheduleEvent;

/// <summary>The run of a due time was accepted.</summary>
[EventType("schedule.dispatched", 4036, EventSeverity.Debug)]
public sealed partial record ScheduleDispatched([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, RunId RunId) : ScheduleEvent;

/// <summary>The run of a due time was refused and can never be accepted: its parameters do not fit.</summary>
/// <param name="Error">Why, for people.</param>
[EventType("schedule.failed", 4038, EventSeverity.Error)]
public sealed partial record ScheduleFailed([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt, RunId RunId, string Error) : ScheduleEvent;

/// <summary>What is due changes from an instant on.</summary>
/// <param name="Change">What happened.</param>
/// <param name="From">From when on; what was due before was decided by what held until then.</param>
[EventType("schedule.updated", 4039, EventSeverity.Info)]
public sealed partial record ScheduleUpdated([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, ScheduleChange Change, DateTimeOffset From) : ScheduleEvent
{
    /// <summary>The terms in force from then on, as <see cref="Schedules.Rules.ScheduleTerms"/> writes them; null: none are.</summary>
    public string? Terms { get; init; }

    /// <summary>Version of the time zone data that due times are computed with.</summary>
    public string? ZoneVersion { get; init; }

    /// <summary>Where the ledger had come to by a clock that was ahead.</summary>
    public DateTimeOffset? Ahead { get; init; }

    /// <summary>Where the ledger has come to: every due time up to it is decided. Written when the terms are restated.</summary>
    public DateTimeOffset? Through { get; init; }

    /// <summary>Since when it is paused, when the terms are restated.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Who paused it, when the terms are restated.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why it is paused, when the terms are restated.</summary>
    public string? PauseReason { get; init; }

    /// <summary>When it resumes by itself, when the terms are restated.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>What has not come to its end, when the terms are restated.</summary>
    public ImmutableArray<OpenDueTime> Open { get; init; } = [];

    /// <summary>The due time that is waited for from then on.</summary>
    public DateTimeOffset? NextDueAt { get; init; }
}

/// <summary>A due time that has not come to its end.</summary>
/// <param name="DueAt">The due time, UTC.</param>
/// <param name="RunId">Its run, which is not known to be accepted; null: it waits for an open run, or for the end of those it cancels.</param>
/// <param name="Missed">Of one that waits to start a run: whether it was missed.</param>
public sealed record OpenDueTime(DateTimeOffset DueAt, RunId? RunId, bool? Missed)
{
    /// <summary>Runs that it cancels and that have not ended; null: it cancels none.</summary>
    public ImmutableArray<RunId>? Stops { get; init; }
}

/// <summary>Nothing starts until the schedule is resumed.</summary>
/// <param name="Actor">Who paused it.</param>
[EventType("schedule.paused", 4080, EventSeverity.Info)]
public sealed partial record SchedulePaused([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, string Actor) : ScheduleEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>When it resumes by itself; null: when a user resumes it.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A paused schedule goes on; what was due meanwhile is skipped or caught up.</summary>
/// <param name="Actor">Who resumed it.</param>
[EventType("schedule.resumed", 4081, EventSeverity.Info)]
public sealed partial record ScheduleResumed([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, string Actor) : ScheduleEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>A due time is overdue: it has no entry though it is long past, or no run had completed by the schedule's expected_by.</summary>
/// <param name="DueAt">The due time, UTC.</param>
[EventType("schedule.overdue", 4082, EventSeverity.Error)]
public sealed partial record ScheduleOverdue([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, DateTimeOffset DueAt) : ScheduleEvent
{
    /// <summary>Which of the two.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OverdueReason Reason { get; init; }

    /// <summary>By when a run should have completed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The run of the due time, where it has one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunId? RunId { get; init; }

    /// <summary>What was there instead of a completed run: the state of that run, or the entry of the due time; null: neither.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Found { get; init; }
}
