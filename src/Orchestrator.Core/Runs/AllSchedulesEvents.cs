using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>No schedule starts anything until all are resumed; lives in the stream of what concerns all schedules.</summary>
/// <param name="Actor">Who paused them.</param>
[EventType("schedules.paused", 4085, EventSeverity.Warn)]
public sealed partial record SchedulesPaused(string Actor) : JournalEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>When they resume by themselves; null: when a user resumes them.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>Schedules go on; what was due meanwhile is skipped or caught up.</summary>
/// <param name="Actor">Who resumed them.</param>
/// <param name="From">From when on: the end of the pause, also where that was noticed later.</param>
[EventType("schedules.resumed", 4086, EventSeverity.Info)]
public sealed partial record SchedulesResumed(string Actor, DateTimeOffset From) : JournalEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}
