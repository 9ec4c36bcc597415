using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Hosting;

/// <summary>What a node says about its life: event ids 4800 to 4899.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(4800, LogLevel.Information, "Opening the journal in {DataDirectory}")]
    public static partial void OpeningJournal(this ILogger logger, string dataDirectory);

    [LoggerMessage(4801, LogLevel.Information, "Journal open after {ElapsedMs:0} ms; looking for runs of workers that are gone")]
    public static partial void JournalOpen(this ILogger logger, double elapsedMs);

    [LoggerMessage(4802, LogLevel.Information, "Took over {Runs} runs in {ElapsedMs:0} ms")]
    public static partial void RunsAdopted(this ILogger logger, int runs, double elapsedMs);

    [LoggerMessage(4803, LogLevel.Information, "Stopping: nothing new starts; {Running} attempts may finish within {DrainMs:0} ms")]
    public static partial void Stopping(this ILogger logger, int running, double drainMs);

    [LoggerMessage(4804, LogLevel.Information, "Stopped after {ElapsedMs:0} ms")]
    public static partial void Stopped(this ILogger logger, double elapsedMs);

    [LoggerMessage(4805, LogLevel.Warning, "Subscribers did not take the last events within {Patience}; the journal has them")]
    public static partial void EventsLeft(this ILogger logger, TimeSpan patience);

    [LoggerMessage(4810, LogLevel.Debug, "Schedule {Workflow}/{ScheduleId} fires for {DueAt:o} as run {RunId}")]
    public static partial void ScheduleFiring(this ILogger logger, string workflow, string scheduleId, DateTimeOffset dueAt, RunId runId);

    [LoggerMessage(4811, LogLevel.Information, "Schedule {Workflow}/{ScheduleId} fired run {RunId} (already there: {AlreadyExisted}) in {ElapsedMs:0.0} ms")]
    public static partial void ScheduleFired(this ILogger logger, string workflow, string scheduleId, RunId runId, bool alreadyExisted, double elapsedMs);

    [LoggerMessage(4820, LogLevel.Information, "Removed {Runs} finished runs past their retention")]
    public static partial void RunsRemoved(this ILogger logger, int runs);

    [LoggerMessage(4821, LogLevel.Information, "Removed {Parts} parts of the history of schedules and workers past their retention")]
    public static partial void StreamPartsRemoved(this ILogger logger, int parts);

    [LoggerMessage(4822, LogLevel.Warning, "Finished runs past their retention could not be removed; it is tried again in an hour")]
    public static partial void RetentionFailed(this ILogger logger, Exception e);

    [LoggerMessage(4823, LogLevel.Warning, "When workflows last succeeded could not be looked up; their metric begins with the next success")]
    public static partial void SuccessesNotFound(this ILogger logger, Exception e);

    [LoggerMessage(4830, LogLevel.Warning, "The journal does not take news of this worker (deliveries, definitions, telemetry); {Lost} are lost so far. Runs are not affected")]
    public static partial void NewsLost(this ILogger logger, Exception? e, long lost);

    [LoggerMessage(4831, LogLevel.Warning, "The journal has not taken the end of this worker within {Seconds} s; {Waiting} news still waited")]
    public static partial void NewsUnwritten(this ILogger logger, int waiting, double seconds);
}
