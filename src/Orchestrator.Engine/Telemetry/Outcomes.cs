using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry;

/// <summary>Our words for how things end, projected on OpenTelemetry's.</summary>
internal static class Outcomes
{
    public const string Success = "success";
    public const string Failure = "failure";
    public const string Error = "error";
    public const string Timeout = "timeout";
    public const string Cancellation = "cancellation";
    public const string Skip = "skip";

    /// <summary><c>error</c> is the orchestrator's or worker's fault, <c>failure</c> the user's work: two different objectives hang on it.</summary>
    public static string Of(FailureKind kind) => kind switch
    {
        FailureKind.Timeout => Timeout,
        FailureKind.Panic or FailureKind.SpawnError or FailureKind.WorkerLost or FailureKind.DelegateMissing => Error,
        _ => Failure,
    };

    public static string? Of(JournalEvent e) => e switch
    {
        TaskCompleted or WorkflowCompleted or StageCompleted => Success,
        TaskRetrying retry => Of(retry.ErrorType),
        TaskFailed failed => Of(failed.Kind),
        TaskSkipped or StageSkipped => Skip,
        TaskCancelled or WorkflowCancelled => Cancellation,
        WorkflowFailed { ErrorClass: ErrorClass.Persistence or ErrorClass.Transition or ErrorClass.Internal } => Error,
        WorkflowFailed failed => Of(failed.ErrorType),
        StageFailed failed => failed.ErrorType is { } kind ? Of(kind) : Cancellation,
        _ => null,
    };

    /// <summary>The word of the failure, for events of one.</summary>
    public static string? ErrorType(JournalEvent e) => e switch
    {
        TaskRetrying retry => Words.Of(retry.ErrorType),
        TaskFailed failed => Words.Of(failed.Kind),
        WorkflowFailed failed => Words.Of(failed.ErrorType),
        StageFailed { ErrorType: { } kind } => Words.Of(kind),
        _ => null,
    };

    /// <summary>The sentence or word that says why, where there is one.</summary>
    public static string? Why(JournalEvent e) => e switch
    {
        TaskRetrying retry => retry.Error,
        TaskFailed failed => failed.Error,
        WorkflowFailed failed => failed.Error,
        StageFailed failed => failed.Error,
        StageSkipped skipped => skipped.Reason,
        TaskSkipped skipped => Words.Of(skipped.Reason),
        TaskCancelled cancelled => Words.Of(cancelled.Reason),
        TaskQueued queued => queued.Reason,
        WorkflowEnded ended => ended.Reason,
        WorkflowCancelRequested { Error: { } error } => error,
        WorkflowCancelRequested request => $"{Words.Of(request.Reason)} by {request.Actor}{(request.Comment is null ? "" : $": {request.Comment}")}",
        WorkflowRecovered recovered => recovered.Reason,
        ScheduleSkipped { Count: > 1 } skipped => $"{skipped.Reason}: {skipped.Count} due times",
        ScheduleSkipped skipped => skipped.Reason,
        ScheduleBlocked blocked => $"run {blocked.By} is open",
        ScheduleFailed failed => failed.Error,
        ScheduleStopping stopping => stopping.Runs.IsEmpty ? "no run is open" : $"{stopping.Runs.Length} {(stopping.Runs.Length == 1 ? "run" : "runs")}",
        ScheduleUpdated updated => Words.Of(updated.Change),
        SchedulesPaused paused => paused.Reason is null ? paused.Actor : $"{paused.Actor}: {paused.Reason}",
        SchedulesResumed resumed => resumed.Reason is null ? resumed.Actor : $"{resumed.Actor}: {resumed.Reason}",
        ScheduleRunRequested asked => asked.Reason is null ? asked.Actor : $"{asked.Actor}: {asked.Reason}",
        SchedulePaused paused => paused.Reason is null ? paused.Actor : $"{paused.Actor}: {paused.Reason}",
        ScheduleRefused refused => $"{new SourceSpan(refused.File, refused.Line, refused.Column)}: {refused.Error}",
        DefinitionRejected rejected => $"{rejected.File}: {rejected.First}",
        EventRejected { Count: { } count } rejected => $"{rejected.Reason}: {count} requests",
        EventRejected rejected => rejected.Error is null ? rejected.Reason : $"{rejected.Reason}: {rejected.Error}",
        WorkerStopping stopping => stopping.Reason,
        JournalTailCut cut => $"{cut.Segment}: {cut.Bytes} bytes from byte {cut.Offset} on",
        JournalRepaired repaired => string.Join("; ", repaired.Lost),
        WorkflowEventsLost lost => $"events {lost.FirstSeq} to {lost.LastSeq}",
        JournalEventsLost lost => $"{lost.Of}: events {lost.FirstSeq} to {lost.LastSeq}",
        TelemetryDegraded { Sink: { } sink } degraded => $"{sink}: {degraded.Reason}",
        TelemetryDegraded degraded => $"{string.Join(", ", degraded.Signals)} are lost and counted: {degraded.Reason}",
        TelemetryRecovered { Sink: { } sink } => $"{sink} accepts deliveries again",
        TelemetryRecovered recovered => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{recovered.Dropped} spans, log records and events were lost"),
        _ => null,
    };
}
