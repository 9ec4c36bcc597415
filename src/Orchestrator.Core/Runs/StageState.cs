namespace Orchestrator.Core.Runs;

/// <summary>What is known of one stage of a run. Changed by <see cref="RunState.Apply"/> only.</summary>
internal sealed class StageState
{
    public bool Started { get; set; }
    public bool Closed { get; set; }
    public Moment StartedAt { get; set; }
    /// <summary>Tasks of the stage, the children of fan-outs included.</summary>
    public required int Size { get; set; }
    public int Terminal { get; set; }
    public int Completed { get; set; }
    public int Failed { get; set; }
    public int FailedAllowed { get; set; }
    public int Skipped { get; set; }
    public int Cancelled { get; set; }
    public string? FirstError { get; set; }
    public FailureKind FirstErrorKind { get; set; }
}
