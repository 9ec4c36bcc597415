namespace Orchestrator.Core.Runs;

/// <summary>
/// How the tasks of a run ended: the one place of the six numbers. In a finished run total = completed + failed + failed_allowed + skipped + cancelled.
/// </summary>
/// <param name="Total">Tasks in the graph and children of fan-outs; handlers are not counted.</param>
/// <param name="Completed">Tasks that completed.</param>
/// <param name="Failed">Tasks that failed, allowed failures aside.</param>
/// <param name="FailedAllowed">Tasks that were allowed to fail and did.</param>
/// <param name="Skipped">Tasks that were skipped.</param>
/// <param name="Cancelled">Tasks that were cancelled.</param>
public readonly record struct RunCounts(int Total, int Completed, int Failed, int FailedAllowed, int Skipped, int Cancelled)
{
    /// <summary>Tasks in a terminal state.</summary>
    public int Terminal => Completed + Failed + FailedAllowed + Skipped + Cancelled;

    /// <summary>Whether every task is in a terminal state.</summary>
    public bool AreComplete => Terminal == Total;

    /// <summary>The six numbers under their names, in the order of the journal.</summary>
    public IReadOnlyList<(string Name, int Count)> Named =>
    [
        ("total", Total), ("completed", Completed), ("failed", Failed), ("failed_allowed", FailedAllowed), ("skipped", Skipped), ("cancelled", Cancelled),
    ];

    /// <summary>The same with one more task that ended; the total stays.</summary>
    public RunCounts Plus(TaskFate fate) => fate switch
    {
        TaskFate.Completed => this with { Completed = Completed + 1 },
        TaskFate.Failed => this with { Failed = Failed + 1 },
        TaskFate.FailedAllowed => this with { FailedAllowed = FailedAllowed + 1 },
        TaskFate.Skipped => this with { Skipped = Skipped + 1 },
        TaskFate.Cancelled => this with { Cancelled = Cancelled + 1 },
        _ => throw new ArgumentOutOfRangeException(nameof(fate)),
    };
}
