namespace Orchestrator.Worker.Api;

internal static partial class ApiLog
{
    [LoggerMessage(6001, LogLevel.Debug, "{Method} {Path} started (request {RequestId})")]
    public static partial void RequestStarted(this ILogger logger, string method, string path, string requestId);

    [LoggerMessage(6002, LogLevel.Information, "{Method} {Path} answered {StatusCode} in {ElapsedMs:0.0} ms (request {RequestId})")]
    private static partial void RequestAnswered(this ILogger logger, string method, string path, string requestId, int statusCode, double elapsedMs);

    [LoggerMessage(6003, LogLevel.Error, "{Method} {Path} failed (request {RequestId})")]
    public static partial void RequestFaulted(this ILogger logger, Exception fault, string method, string path, string requestId);

    [LoggerMessage(6004, LogLevel.Debug, "{Method} {Path} answered {StatusCode} in {ElapsedMs:0.0} ms (request {RequestId})")]
    private static partial void ProbeAnswered(this ILogger logger, string method, string path, string requestId, int statusCode, double elapsedMs);

    /// <summary>Probes come every few seconds and would bury the rest.</summary>
    public static void RequestFinished(this ILogger logger, string method, string path, string requestId, int statusCode, double elapsedMs)
    {
        if (ServerSpans.IsProbe(path)) logger.ProbeAnswered(method, path, requestId, statusCode, elapsedMs);
        else logger.RequestAnswered(method, path, requestId, statusCode, elapsedMs);
    }
}
