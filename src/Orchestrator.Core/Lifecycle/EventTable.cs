using System.Collections.Frozen;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>What follows from an event's type alone, and the few places where its content matters.</summary>
public static class EventTable
{
    // The number becomes the log record's id: it never changes its meaning, and a new type takes the next one.
    private static readonly FrozenDictionary<string, Row> Rows = new Dictionary<string, (int, EventSeverity)>
    {
        ["workflow.created"] = (4001, EventSeverity.Info),
        ["workflow.queued"] = (4002, EventSeverity.Info),
        ["workflow.started"] = (4003, EventSeverity.Info),
        ["workflow.cancel_requested"] = (4004, EventSeverity.Info),
        ["workflow.recovered"] = (4005, EventSeverity.Warn),
        ["workflow.finalizing"] = (4006, EventSeverity.Info),
        ["workflow.completed"] = (4007, EventSeverity.Info),
        ["workflow.failed"] = (4008, EventSeverity.Error),
        ["workflow.cancelled"] = (4009, EventSeverity.Info),
        ["stage.started"] = (4010, EventSeverity.Info),
        ["stage.completed"] = (4011, EventSeverity.Info),
        ["stage.failed"] = (4012, EventSeverity.Error),
        ["stage.skipped"] = (4013, EventSeverity.Info),
        ["task.queued"] = (4020, EventSeverity.Debug),
        ["task.started"] = (4021, EventSeverity.Info),
        ["task.completed"] = (4022, EventSeverity.Info),
        ["task.retrying"] = (4023, EventSeverity.Warn),
        ["task.failed"] = (4024, EventSeverity.Error),
        ["task.skipped"] = (4025, EventSeverity.Info),
        ["task.cancelled"] = (4026, EventSeverity.Info),
        ["workflow.paused"] = (4014, EventSeverity.Info),
        ["workflow.resumed"] = (4015, EventSeverity.Info),
        ["workflow.retrying"] = (4016, EventSeverity.Warn),
        ["workflow.events_lost"] = (4017, EventSeverity.Error),
        ["task.waiting"] = (4027, EventSeverity.Debug),
        ["task.expanded"] = (4028, EventSeverity.Debug),
        ["task.progress"] = (4029, EventSeverity.Debug),
        ["checkpoint.pending"] = (4060, EventSeverity.Info),
        ["checkpoint.approved"] = (4061, EventSeverity.Info),
        ["checkpoint.rejected"] = (4062, EventSeverity.Info),
        ["checkpoint.expired"] = (4063, EventSeverity.Warn),
        ["sla.at_risk"] = (4064, EventSeverity.Warn),
        ["sla.exceeded"] = (4065, EventSeverity.Warn),
        ["schedule.fired"] = (4030, EventSeverity.Info),
        ["schedule.skipped"] = (4031, EventSeverity.Info),
        ["definition.rejected"] = (4035, EventSeverity.Warn),
        ["webhook.attempted"] = (4070, EventSeverity.Warn),
        ["webhook.delivered"] = (4071, EventSeverity.Debug),
        ["webhook.failed"] = (4072, EventSeverity.Error),
        ["worker.started"] = (4040, EventSeverity.Info),
        ["worker.stopping"] = (4041, EventSeverity.Info),
        ["telemetry.degraded"] = (4042, EventSeverity.Warn),
        ["telemetry.recovered"] = (4043, EventSeverity.Info),
        ["journal.tail_cut"] = (4044, EventSeverity.Warn),
        ["journal.repaired"] = (4045, EventSeverity.Warn),
        ["journal.events_lost"] = (4046, EventSeverity.Error),
    }.ToFrozenDictionary(row => row.Key, row => new Row(row.Value.Item1, row.Value.Item2, Urgency(row.Key), Shorten(row.Key)), StringComparer.Ordinal);

    /// <summary>All event types that have a row.</summary>
    public static IReadOnlyList<string> Types => Rows.Keys;

    /// <summary>The stable number of a type, 4000 to 4099; 4000 for a type that has no row.</summary>
    public static int Number(string type) => Rows.TryGetValue(type, out var row) ? row.Number : 4000;

    /// <summary><c>task.completed</c> becomes <c>TASK_COMPLETED</c>.</summary>
    public static string ShortType(string type) => Rows.TryGetValue(type, out var row) ? row.ShortType : Shorten(type);

    /// <summary>2 for what failed, 1 for what is retried, cancelled or degraded, 0 otherwise.</summary>
    public static int Priority(string type) => Rows.TryGetValue(type, out var row) ? row.Priority : Urgency(type);

    /// <summary>The type's severity, raised to a warning where something was skipped because of a failure or a misfire.</summary>
    public static EventSeverity Severity(JournalEvent e) => e switch
    {
        TaskSkipped { Reason: SkipReason.DependencyFailed } => EventSeverity.Warn,
        ScheduleSkipped { Reason: "misfire" } => EventSeverity.Warn,
        _ => Rows.TryGetValue(e.Type, out var row) ? row.Severity : EventSeverity.Info,
    };

    private static int Urgency(string type) =>
        type.EndsWith(".failed", StringComparison.Ordinal) ? 2
        : type.EndsWith(".retrying", StringComparison.Ordinal) || type.EndsWith(".cancelled", StringComparison.Ordinal)
            || type.EndsWith(".degraded", StringComparison.Ordinal) || type == "sla.exceeded" ? 1 : 0;

    private static string Shorten(string type) => type.ToUpperInvariant().Replace('.', '_');

    private sealed record Row(int Number, EventSeverity Severity, int Priority, string ShortType);
}
