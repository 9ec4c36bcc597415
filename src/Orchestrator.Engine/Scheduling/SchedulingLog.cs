using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Scheduling;

internal static partial class SchedulingLog
{
    [LoggerMessage(3000, LogLevel.Information, "Schedules reconciled in {ElapsedMs:0.0} ms: {Armed} armed, {Removed} removed, {Refused} refused")]
    public static partial void Reconciled(this ILogger logger, int armed, int removed, int refused, double elapsedMs);

    [LoggerMessage(3001, LogLevel.Information, "Schedule {Schedule} next runs at {Due:o}")]
    public static partial void NextDue(this ILogger logger, string schedule, DateTimeOffset due);

    [LoggerMessage(3002, LogLevel.Information, "Schedule {Schedule} has no further due time")]
    public static partial void Ended(this ILogger logger, string schedule);

    [LoggerMessage(3003, LogLevel.Error, "Schedule {Schedule} cannot be armed: {Problem}")]
    public static partial void Refused(this ILogger logger, string schedule, string problem);

    [LoggerMessage(3004, LogLevel.Information, "Schedule {Schedule} fires for {Due:o} as run {RunId}, {LagMs:0} ms after it was due")]
    public static partial void Fires(this ILogger logger, string schedule, DateTimeOffset due, RunId runId, double lagMs);

    [LoggerMessage(3005, LogLevel.Information, "Schedule {Schedule} fired for {Due:o} in {ElapsedMs:0.0} ms: run {RunId}, newly accepted {Accepted}")]
    public static partial void Fired(this ILogger logger, string schedule, DateTimeOffset due, RunId runId, bool accepted, double elapsedMs);

    [LoggerMessage(3006, LogLevel.Warning, "Schedule {Schedule} missed {Missed} due times from {Due:o} on, noticed {LagMs:0} ms late: skipped, nothing is run late")]
    public static partial void Misfired(this ILogger logger, string schedule, DateTimeOffset due, int missed, double lagMs);

    [LoggerMessage(3007, LogLevel.Error, "Schedule {Schedule} could not fire for {Due:o} as run {RunId} after {ElapsedMs:0} ms; trying again at {RetryAt:o}")]
    public static partial void FireFailed(this ILogger logger, Exception e, string schedule, DateTimeOffset due, RunId runId, double elapsedMs, DateTimeOffset retryAt);

    [LoggerMessage(3008, LogLevel.Debug, "Schedule {Schedule} was rung for {Due:o} before its time; armed again")]
    public static partial void Early(this ILogger logger, string schedule, DateTimeOffset due);

    [LoggerMessage(3009, LogLevel.Information, "Schedule {Schedule}: {Due:o} was decided before")]
    public static partial void AlreadyDecided(this ILogger logger, string schedule, DateTimeOffset due);

    [LoggerMessage(3010, LogLevel.Error, "Schedules could not be reconciled; trying again in {RetryDelay}")]
    public static partial void ReconcileFailed(this ILogger logger, Exception e, TimeSpan retryDelay);

    [LoggerMessage(3011, LogLevel.Error, "An observer of schedule lag threw")]
    public static partial void ObserverFailed(this ILogger logger, Exception e);
}
