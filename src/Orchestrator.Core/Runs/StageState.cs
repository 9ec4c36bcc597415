namespace Orchestrator.Core.Runs;

/// <summary>What is known of one stage of a run. Changed by <see cref="RunState.Apply"/> only.</summary>
internal sealed class StageState
{
    public bool Started { get; set; }
    public bool Closed { get; set; }
    public Moment StartedAt { get; set; }
    /// <summary>How its tasks ended so far, the children of fan-outs included.</summary>
    public required RunCounts Counts { get; set; }
    public string? FirstError { get; set; }
    public FailureKind FirstErrorKind { get; set; }
    /// <summary>Why tasks of it were cancelled: a user's request rather than the consequence of a failure.</summary>
    public CancelReason? CancelledBy { get; set; }
}
