using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Index;

internal static partial class IndexLog
{
    [LoggerMessage(4700, LogLevel.Information, "The index of runs was made anew in {ElapsedMs:0} ms; runs: {Runs}")]
    public static partial void IndexBuilt(this ILogger logger, int runs, double elapsedMs);

    [LoggerMessage(4701, LogLevel.Warning, "The index of runs cannot be written: {Reason}. It is tried again every second; lists come from the journal meanwhile, and runs are not affected")]
    public static partial void IndexNotWritten(this ILogger logger, string reason);

    [LoggerMessage(4702, LogLevel.Warning, "The index of runs is not used: {Reason}. Lists come from the journal")]
    public static partial void IndexNotUsed(this ILogger logger, string reason);

    [LoggerMessage(4703, LogLevel.Warning, "The index of runs could not be read: {Reason}. The list came from the journal")]
    public static partial void IndexNotRead(this ILogger logger, string reason);
}
