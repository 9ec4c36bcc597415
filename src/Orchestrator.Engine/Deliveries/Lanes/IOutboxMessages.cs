using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>Which events a sink wants and in which format; knows nothing of sending. For one reader of the feed.</summary>
internal interface IOutboxMessages : IDisposable
{
    /// <summary>What it wants; null where each run's definition says it.</summary>
    Subscription? Subscription { get; }

    /// <summary>Whether events of a type and workflow may be wanted.</summary>
    bool MayWant(string type, string? workflow);

    /// <summary>Whether every event of a stream is wanted, whatever it is; a null stream is any.</summary>
    bool WantsAllOf(StreamId? stream);

    /// <summary>Whether an event is wanted, and in which words it is delivered; null: not wanted.</summary>
    OutboxMessage? Write(FeedItem item);
}
