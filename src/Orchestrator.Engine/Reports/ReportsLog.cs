using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Reports;

internal static partial class ReportsLog
{
    [LoggerMessage(3100, LogLevel.Debug, "Report of run {RunId} written to {Directory} in {ElapsedMs:0} ms")]
    public static partial void ReportWritten(this ILogger logger, RunId runId, string directory, double elapsedMs);

    [LoggerMessage(3101, LogLevel.Error, "Report of run {RunId} could not be written after {ElapsedMs:0} ms; the next start writes it")]
    public static partial void ReportFailed(this ILogger logger, Exception e, RunId runId, double elapsedMs);

    [LoggerMessage(3102, LogLevel.Warning, "Report of run {RunId} is deferred: {Waiting} reports are queued")]
    public static partial void ReportDeferred(this ILogger logger, RunId runId, int waiting);

    [LoggerMessage(3104, LogLevel.Error, "The search for missing reports failed; the next start searches again")]
    public static partial void ReportsNotChecked(this ILogger logger, Exception e);

    [LoggerMessage(3105, LogLevel.Warning, "At least {Waiting} reports were not written before the stop; the next start writes them")]
    public static partial void ReportsLeft(this ILogger logger, int waiting);

    [LoggerMessage(3103, LogLevel.Information, "Searched for missing reports in {ElapsedMs:0} ms; runs: {Runs}, reports to write: {Missing}")]
    public static partial void MissingFound(this ILogger logger, int runs, int missing, double elapsedMs);
}
