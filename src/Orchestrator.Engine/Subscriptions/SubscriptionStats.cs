namespace Orchestrator.Engine.Subscriptions;

/// <summary>The outcomes of events on their way to subscribers.</summary>
/// <param name="EventsPublished">Events that were there to be delivered: all of them, or those that one subscription's pattern fits.</param>
/// <param name="EventsProcessed">Calls of handlers that returned.</param>
/// <param name="EventsFailed">Calls of handlers or filters that threw.</param>
/// <param name="Dropped">Deliveries that did not take place because a queue was full.</param>
/// <param name="SubscribersCount">Subscriptions now.</param>
public sealed record SubscriptionStats(long EventsPublished, long EventsProcessed, long EventsFailed, long Dropped, int SubscribersCount);
