using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Lifecycle.Delivery;

internal static partial class DeliveryNews
{
    [LoggerMessage(4083, LogLevel.Error, "{Sink}: event {LifecycleEventId} ({Type}) was given up after {Attempts} attempts: {Error}. It is kept: orchestrator dead-letters list")]
    public static partial void LetterDead(this ILogger log, string sink, Guid lifecycleEventId, string type, int attempts, string error);

    [LoggerMessage(4084, LogLevel.Error, "{Sink}: deliveries stopped for a reason of this program's own; they go on where they were")]
    public static partial void LaneFailed(this ILogger log, Exception e, string sink);

    [LoggerMessage(4085, LogLevel.Error, "{Sink}: positions {From} to {To} of the feed are gone before they were delivered: it was too far behind")]
    public static partial void LaneLost(this ILogger log, string sink, long from, long to);

    [LoggerMessage(4086, LogLevel.Error, "There are {Most} addresses of callbacks already: {Sink} is not told of anything")]
    public static partial void TooManyLanes(this ILogger log, int most, string sink);
}
