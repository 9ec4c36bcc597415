namespace Orchestrator.Core.Statistics;

/// <summary>Shares from 0 to 1; null where nothing was counted, never 0.</summary>
public static class Rates
{
    /// <summary>The part of the whole; null where the whole is 0.</summary>
    public static double? Of(long part, long whole) => whole == 0 ? null : (double)part / whole;

    /// <summary>Completed of finished, which is completed and failed; cancelled and skipped count in neither.</summary>
    public static double? Success(long completed, long failed) => Of(completed, completed + failed);

    /// <summary>Failed of finished.</summary>
    public static double? Failure(long completed, long failed) => Of(failed, completed + failed);

    /// <summary>Flake score of tasks: those that completed with more than one attempt, of those that finished.</summary>
    /// <param name="completedAfterRetry">Completed with attempts &gt; 1.</param>
    /// <param name="finished">Completed and failed.</param>
    public static double? Flake(long completedAfterRetry, long finished) => Of(completedAfterRetry, finished);
}
