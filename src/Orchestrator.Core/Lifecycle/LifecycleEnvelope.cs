using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>
/// The one shape of an event for logs, buses, HTTP and webhooks. Derived from the journal: the same event gives the
/// same envelope whenever and wherever it is read.
/// </summary>
public sealed record LifecycleEnvelope
{
    /// <summary>Version of this shape.</summary>
    public string SpecVersion => "1";

    /// <summary>UUIDv8 of (stream, seq).</summary>
    public required Guid EventId { get; init; }

    /// <summary>1-based and gapless per stream.</summary>
    public required long Seq { get; init; }

    /// <summary>For example <c>task.completed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>For example <c>TASK_COMPLETED</c>.</summary>
    public string ShortType => EventTable.ShortType(Type);

    /// <summary>Version of the event's data.</summary>
    public string Version => "1.0";

    /// <summary>When it was decided, UTC with microseconds.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary><c>orchestrator.{workflow}</c>; <c>scheduler.{schedule}</c> for a schedule's own events.</summary>
    public required string Source { get; init; }

    /// <summary>0 normal, 1 high, 2 critical.</summary>
    public required int Priority { get; init; }

    /// <summary>How much it matters.</summary>
    public required EventSeverity Severity { get; init; }

    /// <summary>Constant over a run and everything it causes.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Event id of what caused it.</summary>
    public string? CausationId { get; init; }

    /// <summary>The run, for events of a run.</summary>
    public RunId? RunId { get; init; }

    /// <summary>Name of the workflow.</summary>
    public string? Workflow { get; init; }

    /// <summary>SHA-256 of the definition.</summary>
    public string? DefinitionVersion { get; init; }

    /// <summary>The stage of a stage's or task's event; <c>default</c> where none is declared.</summary>
    public string? Stage { get; init; }

    /// <summary>The task of a task's event.</summary>
    public TaskId? Task { get; init; }

    /// <summary>
    /// Of an event of a fan-out's child: its item where that is a text of up to 200 characters, else the child's id. Null for all other tasks.
    /// </summary>
    public string? Module { get; init; }

    /// <summary>1-based; null where no attempt has been made.</summary>
    public int? Attempt { get; init; }

    /// <summary>Tenant of the run.</summary>
    public string? TenantId { get; init; }

    /// <summary>Project of the run.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The schedule that caused it.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>Which owner of the run decided it; 0 before the first.</summary>
    public int OwnerEpoch { get; init; }

    /// <summary>The span it belongs to.</summary>
    public TraceReference? Trace { get; init; }

    /// <summary>The process that decided it.</summary>
    public required EventProducer Producer { get; init; }

    /// <summary>The fact itself: its members are the envelope's <c>data</c>.</summary>
    public required JournalEvent Data { get; init; }
}

/// <summary>A span, by its ids.</summary>
/// <param name="TraceId">32 lower-case hex digits.</param>
/// <param name="SpanId">16 lower-case hex digits.</param>
public sealed record TraceReference(string TraceId, string SpanId);
