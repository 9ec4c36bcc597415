using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Scheduling;

internal static partial class SchedulingLog
{
    [LoggerMessage(3000, LogLevel.Information, "Schedules reconciled in {ElapsedMs:0.0} ms: {Armed} armed, {Removed} removed, {Refused} refused")]
    public static partial void Reconciled(this ILogger logger, int armed, int removed, int refused, double elapsedMs);

    [LoggerMessage(3001, LogLevel.Information, "Schedule {Schedule} next runs at {Due:o}")]
    public static partial void NextDue(this ILogger logger, string schedule, DateTimeOffset due);

    [LoggerMessage(3003, LogLevel.Error, "Schedule {Schedule} cannot be armed: {Problem}")]
    public static partial void Refused(this ILogger logger, string schedule, string problem);

    [LoggerMessage(3005, LogLevel.Information, "Schedule {Schedule} fired for {Due:o} in {ElapsedMs:0.0} ms: run {RunId}, newly accepted {Accepted}")]
    public static partial void Fired(this ILogger logger, string schedule, DateTimeOffset due, RunId runId, bool accepted, double elapsedMs);

    [LoggerMessage(3007, LogLevel.Error, "Schedule {Schedule} could not fire for {Due:o} as run {RunId} after {ElapsedMs:0} ms; trying again at {RetryAt:o}")]
    public static partial void FireFailed(this ILogger logger, Exception e, string schedule, DateTimeOffset due, RunId runId, double elapsedMs, DateTimeOffset retryAt);

    [LoggerMessage(3010, LogLevel.Error, "Schedules could not be reconciled; trying again in {RetryDelay}")]
    public static partial void ReconcileFailed(this ILogger logger, Exception e, TimeSpan retryDelay);

    [LoggerMessage(3011, LogLevel.Error, "An observer of schedule lag threw")]
    public static partial void ObserverFailed(this ILogger logger, Exception e);

    [LoggerMessage(3012, LogLevel.Error, "Schedule {Schedule}: what is due since {Due:o} could not be decided after {ElapsedMs:0} ms; trying again at {RetryAt:o}")]
    public static partial void DecideFailed(this ILogger logger, Exception e, string schedule, DateTimeOffset due, double elapsedMs, DateTimeOffset retryAt);

    [LoggerMessage(3013, LogLevel.Error, "Schedule {Schedule}: run {RunId} for {Due:o} is refused: {Problem}")]
    public static partial void RunRefused(this ILogger logger, string schedule, DateTimeOffset due, RunId runId, string problem);

    [LoggerMessage(3014, LogLevel.Error, "Schedule {Schedule} was due at {Due:o} and nothing was decided for {OverdueMs:0} ms")]
    public static partial void Overdue(this ILogger logger, string schedule, DateTimeOffset due, double overdueMs);

    [LoggerMessage(3016, LogLevel.Error, "Schedule {Schedule}: no run for {Due:o} had completed by {Deadline:o}; found: {Found}")]
    public static partial void DeadlineMissed(this ILogger logger, string schedule, DateTimeOffset due, DateTimeOffset deadline, string found);

    [LoggerMessage(3017, LogLevel.Error, "Schedule {Schedule}: whether a run completed in time could not be found out; trying again")]
    public static partial void DeadlineFailed(this ILogger logger, Exception e, string schedule);

    [LoggerMessage(3015, LogLevel.Error, "Schedule {Schedule} is overdue and cannot be decided")]
    public static partial void WatchFailed(this ILogger logger, Exception e, string schedule);
}
