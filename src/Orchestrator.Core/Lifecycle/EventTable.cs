using System.Collections.Frozen;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Lifecycle;

/// <summary>What follows from an event's type alone, and the few places where its content matters.</summary>
public static class EventTable
{
    // The number becomes the log record's id.
    private static readonly FrozenDictionary<string, Row> Rows = EventRows.All
        .ToFrozenDictionary(row => row.Type, row => new Row(row.Number, row.Severity, Urgency(row.Type), Shorten(row.Type)), StringComparer.Ordinal);

    /// <summary>All event types that have a row.</summary>
    public static IReadOnlyList<string> Types => Rows.Keys;

    /// <summary>The stable number of a type, 4000 to 4199; 4000 for a type that has no row.</summary>
    public static int Number(string type) => Rows.TryGetValue(type, out var row) ? row.Number : 4000;

    /// <summary><c>task.completed</c> becomes <c>TASK_COMPLETED</c>.</summary>
    public static string ShortType(string type) => Rows.TryGetValue(type, out var row) ? row.ShortType : Shorten(type);

    /// <summary>2 for what failed, 1 for what is retried, cancelled or degraded, 0 otherwise.</summary>
    public static int Priority(string type) => Rows.TryGetValue(type, out var row) ? row.Priority : Urgency(type);

    /// <summary>The type's severity, raised to a warning where something was skipped because of a failure or a misfire.</summary>
    public static EventSeverity Severity(JournalEvent e) => e switch
    {
        TaskSkipped { Reason: SkipReason.DependencyFailed } => EventSeverity.Warn,
        ScheduleSkipped { Reason: not (SkipReasons.Disabled or SkipReasons.Paused or "overlap") } => EventSeverity.Warn,
        ScheduleUpdated { Change: ScheduleChange.Rearmed } => EventSeverity.Warn,
        _ => Rows.TryGetValue(e.Type, out var row) ? row.Severity : EventSeverity.Info,
    };

    private static int Urgency(string type) =>
        type.EndsWith(".failed", StringComparison.Ordinal) ? 2
        : type.EndsWith(".retrying", StringComparison.Ordinal) || type.EndsWith(".cancelled", StringComparison.Ordinal)
            || type.EndsWith(".degraded", StringComparison.Ordinal) || type == "sla.exceeded" ? 1 : 0;

    private static string Shorten(string type) => type.ToUpperInvariant().Replace('.', '_');

    private sealed record Row(int Number, EventSeverity Severity, int Priority, string ShortType);
}
