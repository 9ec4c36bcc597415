using System.Collections.Immutable;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Schedules.Maintenance;

/// <summary>Pauses of all schedules, as their stream tells them. Never changes; <see cref="Apply"/> gives the next.</summary>
public sealed record MaintenanceState
{
    // Ledgers that have not decided what was due in an older one decide it as missed.
    private const int MaxWindows = 100;

    /// <summary>Before the first pause.</summary>
    public static MaintenanceState Empty { get; } = new();

    /// <summary>Seq of the last event.</summary>
    public long Version { get; private init; }

    /// <summary>The pause that all schedules are in; null: there is none.</summary>
    public SchedulePause? Pause { get; private init; }

    /// <summary>Pauses in their order, the latest of them; the last may not be over.</summary>
    public ImmutableArray<MaintenanceWindow> Windows { get; private init; } = [];

    /// <summary>The state after one more event.</summary>
    public MaintenanceState Apply(RecordedEvent recorded)
    {
        var next = this with { Version = recorded.Seq };
        return recorded.Event switch
        {
            SchedulesPaused e => next with
            {
                Pause = new(Pause?.At ?? recorded.Time, e.Actor, e.Reason, e.Until),
                Windows = Pause is null ? [.. Windows.Skip(Math.Max(0, Windows.Length - MaxWindows + 1)), new(recorded.Time, null)] : Windows,
            },
            SchedulesResumed e => next with { Pause = null, Windows = Windows is [.., { To: null } open] ? Windows.SetItem(Windows.Length - 1, open with { To = e.From }) : Windows },
            _ => next,
        };
    }
}
