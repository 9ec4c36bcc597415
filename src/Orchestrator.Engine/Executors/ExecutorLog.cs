using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Executors;

/// <summary>What executors say: event ids 2500 to 2599.</summary>
internal static partial class ExecutorLog
{
    [LoggerMessage(2500, LogLevel.Debug, "Stopping attempt {Attempt} of task {Task} in run {RunId}: SIGTERM to process group {Pid}")]
    public static partial void Stopping(ILogger log, string runId, string task, int attempt, int pid);

    [LoggerMessage(2501, LogLevel.Warning, "Processes were still alive {Grace} after SIGTERM; sending SIGKILL to {Count} of them")]
    public static partial void Killing(ILogger log, TimeSpan grace, int count);

    [LoggerMessage(2502, LogLevel.Error, "Processes {Pids} survived SIGKILL; they may hang in the kernel (state D) or belong to another user. Inspect them with ps")]
    public static partial void Survived(ILogger log, string pids);

    [LoggerMessage(2503, LogLevel.Warning, "The log {Path} passed its limit of {Limit} bytes; its beginning and its end are kept")]
    public static partial void LogShortened(ILogger log, string path, long limit);

    [LoggerMessage(2504, LogLevel.Information, "Attempt {Attempt} of task {Task} in run {RunId} ended; processes it left running: {Count}")]
    public static partial void LeftBehind(ILogger log, string runId, string task, int attempt, int count);

    [LoggerMessage(2505, LogLevel.Warning, "A descendant of task {Task} in run {RunId} kept the output pipe open; it was closed {Grace} after the main process ended")]
    public static partial void PipeAbandoned(ILogger log, string runId, string task, TimeSpan grace);

    [LoggerMessage(2506, LogLevel.Warning, "Delegate {Name} of task {Task} in run {RunId} ignored its cancellation for {Grace} and was abandoned")]
    public static partial void DelegateAbandoned(ILogger log, string name, string runId, string task, TimeSpan grace);

    [LoggerMessage(2507, LogLevel.Warning, "Delegate {Name}, abandoned earlier, has failed")]
    public static partial void AbandonedDelegateFailed(ILogger log, Exception error, string name);

    [LoggerMessage(2508, LogLevel.Warning, "{Path} could not be removed")]
    public static partial void NotRemoved(ILogger log, Exception error, string path);

    [LoggerMessage(2510, LogLevel.Warning, "Artifacts of task {Task} in run {RunId} were not kept: {Problem}")]
    public static partial void ArtifactsLost(ILogger log, string runId, string task, string problem);

    [LoggerMessage(2509, LogLevel.Warning, "The log {Path} cannot be written (error {Error}); the rest of this output is lost")]
    public static partial void LogLost(ILogger log, string path, int error);

    [LoggerMessage(2590, LogLevel.Information, "Delegate {Name}, abandoned earlier, has ended; its result is dropped")]
    public static partial void AbandonedDelegateEnded(ILogger log, string name);

    [LoggerMessage(2593, LogLevel.Error, "Task {Task} failed")]
    public static partial void DelegateFailed(ILogger log, Exception error, string task);

    [LoggerMessage(2592, LogLevel.Warning, "Services of delegate {Name} could not be disposed")]
    public static partial void DelegateServicesNotDisposed(ILogger log, Exception error, string name);

    [LoggerMessage(2591, LogLevel.Warning, "Cannot create log {Path}; the delegate's output is only in this log")]
    public static partial void DelegateLogLost(ILogger log, Exception error, string path);
}
