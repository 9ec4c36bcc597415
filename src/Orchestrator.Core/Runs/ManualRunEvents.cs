using System.Collections.Immutable;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>
/// A user requested a run of a schedule; lives in the stream of the schedule's manual runs. It ends as <see cref="ScheduleRunStarted"/> or
/// <see cref="ScheduleBlocked"/>, after <see cref="ScheduleQueued"/> where it waits; a start is followed by <see cref="ScheduleDispatched"/> or
/// <see cref="ScheduleFailed"/>. In those, the due time is the instant of the request.
/// </summary>
/// <param name="RequestId">What the request is known by; asked for again, it is the same request.</param>
/// <param name="At">The instant of the request, UTC; no other of the stream has the same.</param>
/// <param name="RunId">Its run: derived from installation, schedule and request.</param>
/// <param name="Actor">Who asked.</param>
[EventType("schedule.run_requested", 4083, EventSeverity.Info)]
public sealed partial record ScheduleRunRequested([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, string RequestId, DateTimeOffset At, RunId RunId, string Actor) : ScheduleEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>A run that was asked for starts. Written before the run is submitted.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="At">The instant of the request, UTC.</param>
/// <param name="RunId">The run.</param>
[EventType("schedule.run_started", 4084, EventSeverity.Info)]
public sealed partial record ScheduleRunStarted([property: Recurring] string ScheduleId, [property: Recurring] string Workflow, string RequestId, DateTimeOffset At, RunId RunId) : ScheduleEvent
{
    /// <summary>Runs that are cancelled for it; null: none.</summary>
    public ImmutableArray<RunId>? Replaces { get; init; }
}
