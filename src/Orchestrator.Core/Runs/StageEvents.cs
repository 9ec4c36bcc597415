using System.Text.Json.Serialization;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>A fact about one stage of a run.</summary>
/// <param name="StageName">A declared stage or <c>default</c>.</param>
public abstract record StageEvent([property: Recurring] string StageName) : RunEvent;

/// <summary>The first task of the stage starts.</summary>
[EventType("stage.started", 4010, EventSeverity.Info)]
public sealed partial record StageStarted(string StageName, int TaskCount) : StageEvent(StageName);

/// <summary>The last task of the stage is terminal and none failed or was cancelled, allowed failures aside.</summary>
[EventType("stage.completed", 4011, EventSeverity.Info)]
public sealed partial record StageCompleted(string StageName, double DurationMs, int Completed, int FailedAllowed, int Skipped, int Cancelled) : StageEvent(StageName);

/// <summary>The last task of the stage is terminal and at least one failed, or the run was ended while the stage was under way.</summary>
/// <param name="ErrorType">What kind of failure it was; null: none, its tasks were cancelled.</param>
[EventType("stage.failed", 4012, EventSeverity.Error)]
public sealed partial record StageFailed(string StageName, string Error, FailureKind? ErrorType, double DurationMs) : StageEvent(StageName)
{
    /// <summary>Why its tasks were cancelled, when none failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CancelReason? CancelReason { get; init; }
}

/// <summary>Every task of the stage was skipped or cancelled before any started.</summary>
[EventType("stage.skipped", 4013, EventSeverity.Info)]
public sealed partial record StageSkipped(string StageName, string Reason) : StageEvent(StageName);
