using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Definitions;

internal static partial class DefinitionLog
{
    [LoggerMessage(4500, LogLevel.Information, "{Workflows} workflows are in force; {Rejected} sources have problems.")]
    public static partial void CatalogChanged(this ILogger log, int workflows, int rejected);

    [LoggerMessage(4501, LogLevel.Error, "{Origin} does not pass; what was last good of it stays in force. {Problem} ({Count} problems)")]
    public static partial void Rejected(this ILogger log, string origin, string problem, int count);

    [LoggerMessage(4502, LogLevel.Warning, "{Folder} cannot be watched: changes are seen by looking every few seconds.")]
    public static partial void NotWatched(this ILogger log, string folder, Exception e);

    [LoggerMessage(4503, LogLevel.Error, "Definitions could not be reloaded; what is in force stays, and the next look tries again.")]
    public static partial void ReloadFailed(this ILogger log, Exception e);
}
