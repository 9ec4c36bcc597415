using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Schedules.Maintenance;

/// <summary>What can happen to all schedules.</summary>
public abstract record MaintenanceInput
{
    private MaintenanceInput() { }

    /// <summary>Somebody pauses them, or says anew for how long they are paused, and why.</summary>
    public sealed record Pause(string Actor, string? Reason, DateTimeOffset? Until) : MaintenanceInput;

    /// <summary>Somebody resumes them.</summary>
    public sealed record Resume(string Actor, string? Reason) : MaintenanceInput;

    /// <summary>Time passed.</summary>
    public sealed record Tick : MaintenanceInput;
}

/// <summary>The rules of pauses of all schedules. Pure and total.</summary>
public static class MaintenanceDecisions
{
    /// <summary>The events that an input leads to, in order; to be appended in one batch.</summary>
    public static IReadOnlyList<RecordedEvent> Decide(MaintenanceState state, MaintenanceInput input, DateTimeOffset now)
    {
        var turn = new EventTurn<MaintenanceState>(StreamId.AllSchedules, state, state.Version, static (s, e) => s.Apply(e), now);
        if (state.Pause?.Until is { } end && end <= now) turn.Add(new SchedulesResumed(LedgerDecisions.Self, end) { Reason = "the pause is over" });
        switch (input)
        {
            case MaintenanceInput.Pause e when turn.State.Pause is { } pause && pause.Reason == e.Reason && pause.Until == e.Until: break;
            case MaintenanceInput.Pause e: turn.Add(new SchedulesPaused(e.Actor) { Reason = e.Reason, Until = e.Until }); break;
            case MaintenanceInput.Resume e when turn.State.Pause is not null: turn.Add(new SchedulesResumed(e.Actor, now) { Reason = e.Reason }); break;
        }
        return turn.Events;
    }
}
