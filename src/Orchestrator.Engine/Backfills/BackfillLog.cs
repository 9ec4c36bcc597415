using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Backfills;

internal static partial class BackfillLog
{
    [LoggerMessage(3030, LogLevel.Information, "Backfill {BackfillId} of {Workflow}, items: {Items}, from {From} to {To}, at most {Parallelism} at a time")]
    public static partial void BackfillCreated(this ILogger logger, string backfillId, string workflow, int items, string from, string to, int parallelism);

    [LoggerMessage(3031, LogLevel.Information, "Backfill {BackfillId} continues; open items: {Open}, not started: {NotStarted}")]
    public static partial void BackfillContinues(this ILogger logger, string backfillId, int open, int notStarted);

    [LoggerMessage(3032, LogLevel.Information, "Backfill {BackfillId}: item {Item} ({Key}) is run {RunId}; newly accepted: {Accepted}")]
    public static partial void ItemDispatched(this ILogger logger, string backfillId, int item, string key, RunId runId, bool accepted);

    [LoggerMessage(3033, LogLevel.Warning, "Backfill {BackfillId}: run {RunId} of item {Item} ({Key}) is refused: {Problem}")]
    public static partial void ItemRefused(this ILogger logger, string backfillId, int item, string key, RunId runId, string problem);

    [LoggerMessage(3034, LogLevel.Warning, "Backfill {BackfillId}: item {Item} ({Key}) could not continue; it is retried in {RetryDelay}")]
    public static partial void ItemFailed(this ILogger logger, Exception e, string backfillId, int item, string key, TimeSpan retryDelay);

    [LoggerMessage(3035, LogLevel.Warning, "Backfill {BackfillId} could not be recorded; it is retried in {RetryDelay}")]
    public static partial void BackfillStalled(this ILogger logger, Exception e, string backfillId, TimeSpan retryDelay);

    [LoggerMessage(3036, LogLevel.Information, "Backfill {BackfillId} ended: {Status}")]
    public static partial void BackfillEnded(this ILogger logger, string backfillId, string status);

    [LoggerMessage(3037, LogLevel.Error, "An observer of backfills threw")]
    public static partial void ObserverFailed(this ILogger logger, Exception e);
}
