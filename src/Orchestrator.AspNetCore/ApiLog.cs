namespace Orchestrator.AspNetCore;

internal static partial class ApiLog
{
    [LoggerMessage(6001, LogLevel.Debug, "{Method} {Path} started")]
    public static partial void RequestStarted(this ILogger logger, string method, string path);

    [LoggerMessage(6003, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFaulted(this ILogger logger, Exception fault, string method, string path);

    [LoggerMessage(6004, LogLevel.Warning, "Posted events were refused: {Reason}. {Problem}")]
    public static partial void EventsRefused(this ILogger logger, string reason, string? problem);
}
