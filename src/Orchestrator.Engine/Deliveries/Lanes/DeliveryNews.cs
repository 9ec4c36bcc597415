using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Deliveries.Lanes;

internal static partial class DeliveryNews
{
    [LoggerMessage(4083, LogLevel.Error, "{Sink}: event {LifecycleEventId} ({Type}) was given up after {Attempts} attempts: {Error}. It is kept: orchestrator dead-letters list")]
    public static partial void LetterDead(this ILogger log, string sink, Guid lifecycleEventId, string type, int attempts, string error);

    [LoggerMessage(4084, LogLevel.Error, "{Sink}: deliveries stopped after an internal error; they continue where they stopped")]
    public static partial void LaneFailed(this ILogger log, Exception e, string sink);

    [LoggerMessage(4085, LogLevel.Error, "{Sink}: positions {From} to {To} of the feed were removed before they were delivered: the sink was too slow")]
    public static partial void LaneLost(this ILogger log, string sink, long from, long to);

    [LoggerMessage(4086, LogLevel.Error, "The limit of {Most} callback addresses is reached: {Sink} receives no events")]
    public static partial void TooManyLanes(this ILogger log, int most, string sink);
}
