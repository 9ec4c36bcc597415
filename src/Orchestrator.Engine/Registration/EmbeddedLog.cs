using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Registration;

/// <summary>What an orchestrator inside a host says about its life: event ids 4900 to 4999.</summary>
internal static partial class EmbeddedLog
{
    [LoggerMessage(4900, LogLevel.Debug, "Opening the data directory {Directory}")]
    public static partial void Opening(this ILogger logger, string directory);

    [LoggerMessage(4901, LogLevel.Information, "Orchestrator ready in {ElapsedMs:0} ms: {Workflows} workflows, {Adopted} runs taken over")]
    public static partial void Ready(this ILogger logger, int workflows, int adopted, double elapsedMs);

    [LoggerMessage(4902, LogLevel.Information, "Orchestrator stops: {Running} attempts in flight, drain for at most {DrainMs:0} ms")]
    public static partial void Stopping(this ILogger logger, int running, double drainMs);

    [LoggerMessage(4903, LogLevel.Information, "Orchestrator stopped in {ElapsedMs:0} ms")]
    public static partial void Stopped(this ILogger logger, double elapsedMs);

    [LoggerMessage(4904, LogLevel.Warning, "Subscribers did not take the last events within {Patience}; the journal has them")]
    public static partial void EventsLeft(this ILogger logger, TimeSpan patience);
}
