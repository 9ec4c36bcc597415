using System.Text.Json.Serialization;

namespace Orchestrator.Core.Runs;

/// <summary>A fact about one stage of a run.</summary>
/// <param name="StageName">A declared stage or <c>default</c>.</param>
public abstract record StageEvent(string StageName) : RunEvent;

/// <summary>The first task of the stage starts.</summary>
public sealed record StageStarted(string StageName, int TaskCount) : StageEvent(StageName)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "stage.started";
}

/// <summary>The last task of the stage is terminal and none failed, allowed failures aside.</summary>
public sealed record StageCompleted(string StageName, double DurationMs, int Completed, int FailedAllowed, int Skipped, int Cancelled) : StageEvent(StageName)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "stage.completed";
}

/// <summary>The last task of the stage is terminal and at least one failed.</summary>
public sealed record StageFailed(string StageName, string Error, FailureKind ErrorType, double DurationMs) : StageEvent(StageName)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "stage.failed";
}

/// <summary>Every task of the stage was skipped or cancelled before any started.</summary>
public sealed record StageSkipped(string StageName, string Reason) : StageEvent(StageName)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Type => "stage.skipped";
}
