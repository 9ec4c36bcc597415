using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Lifecycle.Feed;

internal static partial class FeedNews
{
    [LoggerMessage(4080, LogLevel.Error, "The feed of events cannot go on: subscribers and delivering sinks wait. It is tried again")]
    public static partial void FeedFailed(this ILogger log, Exception e);
}
