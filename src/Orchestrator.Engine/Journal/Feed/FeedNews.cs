using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Feed;

internal static partial class FeedNews
{
    public static void StreamUnreadable(this ILogger log, Journal.JournalCorruptException damage) => log.StreamUnreadable(damage, damage.Segment, damage.Offset);

    [LoggerMessage(4081, LogLevel.Error, "An event in {File} at byte {Offset} cannot be read: this event and later ones of its stream reach no subscriber and no delivering sink. Other streams continue")]
    private static partial void StreamUnreadable(this ILogger log, Exception e, string file, long offset);

    [LoggerMessage(4080, LogLevel.Error, "The feed of events cannot continue: subscribers and delivering sinks wait. This is retried")]
    public static partial void FeedFailed(this ILogger log, Exception e);

    [LoggerMessage(4087, LogLevel.Error, "Events {First} to {Last} of {Stream} were delivered to subscribers or sinks and are no longer in the journal; `orchestrator reconcile` lists other differences")]
    public static partial void EventsLost(this ILogger log, StreamId stream, long first, long last);
}
