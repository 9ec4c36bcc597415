using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Triggers;

internal static partial class TriggersLog
{
    [LoggerMessage(3050, LogLevel.Information, "Triggers reconciled in {ElapsedMs:0.0} ms: {Armed} in force")]
    public static partial void Reconciled(this ILogger logger, int armed, double elapsedMs);

    [LoggerMessage(3051, LogLevel.Information, "Trigger {Trigger} fired in {ElapsedMs:0.0} ms: run {RunId}, newly accepted {Accepted}")]
    public static partial void Fired(this ILogger logger, string trigger, RunId runId, bool accepted, double elapsedMs);

    [LoggerMessage(3052, LogLevel.Error, "Trigger {Trigger} could not start run {RunId} after {ElapsedMs:0} ms; trying again in {RetryDelay}")]
    public static partial void FireFailed(this ILogger logger, Exception e, string trigger, RunId runId, double elapsedMs, TimeSpan retryDelay);

    [LoggerMessage(3053, LogLevel.Error, "Trigger {Trigger}: run {RunId} is refused: {Problem}")]
    public static partial void RunRefused(this ILogger logger, string trigger, RunId runId, string problem);

    [LoggerMessage(3054, LogLevel.Error, "Trigger {Trigger}: what waits could not be decided; trying again in {RetryDelay}")]
    public static partial void DecideFailed(this ILogger logger, Exception e, string trigger, TimeSpan retryDelay);

    [LoggerMessage(3055, LogLevel.Error, "Triggers could not be reconciled; trying again in {RetryDelay}")]
    public static partial void ReconcileFailed(this ILogger logger, Exception e, TimeSpan retryDelay);

    [LoggerMessage(3056, LogLevel.Error, "An observer of triggers threw")]
    public static partial void ObserverFailed(this ILogger logger, Exception e);

    [LoggerMessage(3058, LogLevel.Error, "Triggers cannot take what came after position {Position}; trying again in {RetryDelay}")]
    public static partial void FeedFailed(this ILogger logger, Exception e, long position, TimeSpan retryDelay);

    [LoggerMessage(3059, LogLevel.Error, "Trigger {Trigger} could not look for its files; trying again in {RetryDelay}")]
    public static partial void LookFailed(this ILogger logger, Exception e, string trigger, TimeSpan retryDelay);

    [LoggerMessage(3060, LogLevel.Information, "Trigger {Trigger} looks for files in {Folder} from now on; {Count} that are there start nothing")]
    public static partial void FirstLook(this ILogger logger, string trigger, string folder, int count);

    [LoggerMessage(3057, LogLevel.Warning, "Trigger {Trigger} refused a delivery: {Reason}. {Problem}")]
    public static partial void Rejected(this ILogger logger, string trigger, string reason, string? problem);
}
