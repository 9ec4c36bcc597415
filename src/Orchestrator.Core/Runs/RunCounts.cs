namespace Orchestrator.Core.Runs;

/// <summary>How the tasks of a run ended. In a finished run total = completed + failed + failed_allowed + skipped + cancelled.</summary>
public readonly record struct RunCounts(int Total, int Completed, int Failed, int FailedAllowed, int Skipped, int Cancelled)
{
    /// <summary>Tasks in a terminal state.</summary>
    public int Terminal => Completed + Failed + FailedAllowed + Skipped + Cancelled;
}
