using System.Collections.Immutable;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>
/// A definition file changed and did not pass; the last good version stays in force. Where only schedules are wrong, all but them is in force as changed.
/// </summary>
[EventType("definition.rejected", 4035, EventSeverity.Warn)]
public sealed partial record DefinitionRejected(string File, int Problems, string First) : JournalEvent;

/// <summary>Events that were posted were refused before any trigger saw them, or several requests in a row were for the same reason.</summary>
/// <param name="Reason">Why; see <see cref="Triggers.RejectReasons"/>.</param>
/// <param name="Error">What is wrong, for people.</param>
[EventType("event.rejected", 4110, EventSeverity.Warn)]
public sealed partial record EventRejected([property: Recurring] string Reason, string? Error) : JournalEvent
{
    /// <summary>How many requests there were; null: one.</summary>
    public int? Count { get; init; }

    /// <summary>When the first of several came.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>A schedule is wrong: it does not fire, or its last good version stays in force. The other schedules of its file are not concerned.</summary>
/// <param name="ScheduleId">Its id; null where it has none.</param>
/// <param name="File">The definition's file, or the configuration path of an inline definition.</param>
/// <param name="Line">From 1; 0 where there are no lines.</param>
/// <param name="Column">From 1; 0 where there are no lines.</param>
/// <param name="Error">What is wrong, for people.</param>
[EventType("schedule.refused", 4079, EventSeverity.Error)]
public sealed partial record ScheduleRefused(string Workflow, string? ScheduleId, string File, int Line, int Column, string Error) : JournalEvent;

/// <summary>A worker process began.</summary>
[EventType("worker.started", 4040, EventSeverity.Info)]
public sealed partial record WorkerStarted(string InstanceId, string Version) : JournalEvent;

/// <summary>A worker process is stopping.</summary>
[EventType("worker.stopping", 4041, EventSeverity.Info)]
public sealed partial record WorkerStopping(string InstanceId, string Reason) : JournalEvent;

/// <summary>
/// Something that was to be told outside is not taken: what a collector would have had is lost, what a delivering sink
/// would have had waits. Runs and the journal go on.
/// </summary>
/// <param name="Signals">What is concerned: <c>traces</c>, <c>metrics</c>, <c>logs</c>, <c>events</c> (not yet made into
/// spans and log records, or waiting for a sink).</param>
/// <param name="Reason">What happened first, for people.</param>
[EventType("telemetry.degraded", 4042, EventSeverity.Warn)]
public sealed partial record TelemetryDegraded(ImmutableArray<string> Signals, string Reason) : JournalEvent
{
    /// <summary>The sink whose receiver takes nothing; null: it is about spans, log records and metrics.</summary>
    public string? Sink { get; init; }
}

/// <summary>Telemetry is taken again.</summary>
/// <param name="DurationMs">Since it was degraded.</param>
/// <param name="Dropped">Spans, log records and events lost meanwhile.</param>
[EventType("telemetry.recovered", 4043, EventSeverity.Info)]
public sealed partial record TelemetryRecovered(double DurationMs, long Dropped) : JournalEvent
{
    /// <summary>The sink whose receiver takes deliveries again; null: it is about spans, log records and metrics.</summary>
    public string? Sink { get; init; }
}

/// <summary>Bytes were cut from the end of a segment of the journal: a commit that was never acknowledged.</summary>
/// <param name="Segment">The file, relative to the data directory.</param>
/// <param name="Offset">Where they began.</param>
/// <param name="Bytes">How many.</param>
/// <param name="KeptAs">The file that has them now, relative to the data directory.</param>
[EventType("journal.tail_cut", 4044, EventSeverity.Warn)]
public sealed partial record JournalTailCut(string Segment, long Offset, long Bytes, string KeptAs) : JournalEvent;

/// <summary>A damaged part of the journal was moved aside by hand.</summary>
/// <param name="Actor">Who did it.</param>
/// <param name="KeptAs">The files that have it now, relative to the data directory.</param>
/// <param name="Lost">What the journal has no more, a line for each stream.</param>
[EventType("journal.repaired", 4045, EventSeverity.Warn)]
public sealed partial record JournalRepaired(string Actor, ImmutableArray<string> KeptAs, ImmutableArray<string> Lost) : JournalEvent;

/// <summary>
/// Events that were delivered once are no longer in the journal. In a schedule's or worker's own stream one replaces each of them, so that what follows
/// has ids of its own; of a run the worker's stream says it.
/// </summary>
/// <param name="Of">The stream.</param>
/// <param name="FirstSeq">The first of them.</param>
/// <param name="LastSeq">The last that was told.</param>
[EventType("journal.events_lost", 4046, EventSeverity.Error)]
public sealed partial record JournalEventsLost(string Of, long FirstSeq, long LastSeq) : JournalEvent;
