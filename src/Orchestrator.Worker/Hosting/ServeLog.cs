using Orchestrator.Core.Runs;

namespace Orchestrator.Worker.Hosting;

internal static partial class ServeLog
{
    [LoggerMessage(6050, LogLevel.Information, "Opening the journal in {DataDirectory}")]
    public static partial void OpeningJournal(this ILogger logger, string dataDirectory);

    [LoggerMessage(6051, LogLevel.Information, "Journal open after {ElapsedMs:0} ms; looking for runs of workers that are gone")]
    public static partial void JournalOpen(this ILogger logger, double elapsedMs);

    [LoggerMessage(6052, LogLevel.Information, "Took over {Runs} runs in {ElapsedMs:0} ms")]
    public static partial void RunsAdopted(this ILogger logger, int runs, double elapsedMs);

    [LoggerMessage(6053, LogLevel.Information, "Ready: {Workflows} workflows, listening on {Url} and {Socket}")]
    public static partial void Ready(this ILogger logger, int workflows, string url, string socket);

    [LoggerMessage(6054, LogLevel.Information, "Stopping: nothing new starts; {Running} attempts may finish within {DrainMs:0} ms")]
    public static partial void Stopping(this ILogger logger, int running, double drainMs);

    [LoggerMessage(6055, LogLevel.Information, "Stopped after {ElapsedMs:0} ms")]
    public static partial void Stopped(this ILogger logger, double elapsedMs);

    [LoggerMessage(6074, LogLevel.Warning, "This process may open {Most} files, but needs up to {Needed} with {Slots} slots: raise the limit (ulimit -n, or LimitNOFILE of the systemd unit), or set fewer Orchestrator:Runner:Slots")]
    public static partial void FewFiles(this ILogger logger, long most, int needed, int slots);

    [LoggerMessage(6075, LogLevel.Warning, "{DataDirectory} has mode {Mode}: others than its owner may look into it, and what is made there has {Wanted}. It is left as it is; chmod it, or set Orchestrator:Files:FolderMode")]
    public static partial void OpenDirectory(this ILogger logger, string dataDirectory, string mode, string wanted);

    [LoggerMessage(6058, LogLevel.Information, "Removed {Runs} finished runs past their retention")]
    public static partial void RunsRemoved(this ILogger logger, int runs);

    [LoggerMessage(6067, LogLevel.Information, "Removed {Parts} parts of the history of schedules and workers past their retention")]
    public static partial void StreamPartsRemoved(this ILogger logger, int parts);

    [LoggerMessage(6059, LogLevel.Warning, "Finished runs past their retention could not be removed; it is tried again in an hour")]
    public static partial void RetentionFailed(this ILogger logger, Exception e);

    [LoggerMessage(6064, LogLevel.Warning, "When workflows last succeeded could not be looked up; their metric begins with the next success")]
    public static partial void SuccessesNotFound(this ILogger logger, Exception e);

    [LoggerMessage(6060, LogLevel.Debug, "Schedule {Workflow}/{ScheduleId} fires for {DueAt:o} as run {RunId}")]
    public static partial void ScheduleFiring(this ILogger logger, string workflow, string scheduleId, DateTimeOffset dueAt, RunId runId);

    [LoggerMessage(6061, LogLevel.Information, "Schedule {Workflow}/{ScheduleId} fired run {RunId} (already there: {AlreadyExisted}) in {ElapsedMs:0.0} ms")]
    public static partial void ScheduleFired(this ILogger logger, string workflow, string scheduleId, RunId runId, bool alreadyExisted, double elapsedMs);

    [LoggerMessage(6065, LogLevel.Warning, "The journal does not take news of this worker (deliveries, definitions, telemetry); {Lost} are lost so far. Runs are not affected")]
    public static partial void NewsLost(this ILogger logger, Exception? e, long lost);

    [LoggerMessage(6066, LogLevel.Warning, "The journal has not taken the end of this worker within {Seconds} s; {Waiting} news still waited")]
    public static partial void NewsUnwritten(this ILogger logger, int waiting, double seconds);

    [LoggerMessage(6070, LogLevel.Warning, "NOTIFY_SOCKET is '{Socket}', neither a path nor an abstract name: the service manager is told nothing")]
    public static partial void NotifySocketUnknown(this ILogger logger, string socket);

    [LoggerMessage(6071, LogLevel.Warning, "The service manager could not be told how the program is; it is tried again")]
    public static partial void NotifyFailed(this ILogger logger, Exception e);

    [LoggerMessage(6072, LogLevel.Error, "The engine's loop has not answered between two signs of life: none is sent until it does")]
    public static partial void LoopHangs(this ILogger logger);

    [LoggerMessage(6073, LogLevel.Warning, "The engine's loop answers again")]
    public static partial void LoopAnswersAgain(this ILogger logger);
}
