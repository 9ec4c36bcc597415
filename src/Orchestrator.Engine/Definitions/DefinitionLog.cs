using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Definitions;

internal static partial class DefinitionLog
{
    [LoggerMessage(4500, LogLevel.Information, "Workflows in force: {Workflows}; sources with problems: {Rejected}.")]
    public static partial void CatalogChanged(this ILogger log, int workflows, int rejected);

    [LoggerMessage(4501, LogLevel.Error, "{Origin} is not valid; its last valid version stays in force. {Problem} (problems: {Count})")]
    public static partial void Rejected(this ILogger log, string origin, string problem, int count);

    [LoggerMessage(4502, LogLevel.Warning, "Cannot watch {Folder}: it is scanned for changes every few seconds.")]
    public static partial void NotWatched(this ILogger log, string folder, Exception e);

    [LoggerMessage(4503, LogLevel.Error, "Definitions could not be reloaded; those in force stay, and the next scan tries again.")]
    public static partial void ReloadFailed(this ILogger log, Exception e);
}
