using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>The outcome of one attempt to deliver.</summary>
internal enum DeliveryAnswer
{
    /// <summary>The other side has taken it.</summary>
    Delivered,
    /// <summary>It was not taken; another attempt may help.</summary>
    Failed,
    /// <summary>It will never be taken as it is.</summary>
    Refused,
}

/// <param name="Error">Why not; holds no secret.</param>
internal sealed record DeliveryOutcome(DeliveryAnswer Answer, string? Error = null, int? HttpStatus = null)
{
    /// <summary>How long the other side asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static DeliveryOutcome Delivered { get; } = new(DeliveryAnswer.Delivered);
}

/// <summary>
/// Somewhere that events are delivered to, one after another. It does the sending alone: when, how often and in which order is the lane's business. What
/// it throws is a failed attempt.
/// </summary>
internal interface IDeliverySink : IAsyncDisposable
{
    /// <summary>Names its cursor and its dead letters: letters, digits, '.', '_' and '-'.</summary>
    string Name { get; }

    /// <summary>Where to, for people and events.</summary>
    string Host { get; }

    /// <summary>Whether attempts are counted; without, an event waits for the other side as long as it takes.</summary>
    int? MaxAttempts { get; }

    /// <summary>Whether the outcome of a delivery is reported as an event of its own.</summary>
    bool Tells { get; }

    /// <summary>What is wanted, and in which words.</summary>
    IOutboxMessages Messages { get; }

    /// <summary>Messages that may be on their way at once: handed over in order, each without the answer to those before it.</summary>
    int Window { get; }

    /// <summary>Makes ready to send. Called while no message is on its way, so that none can overtake one that was lost with a connection.</summary>
    Task OpenAsync(CancellationToken stop);

    /// <summary>Sends one message; never opens anything itself.</summary>
    Task<DeliveryOutcome> SendAsync(OutboxMessage message, CancellationToken stop);
}

internal static class DeliveryAttempts
{
    /// <summary>One whole attempt: makes ready and sends. Whatever the sink throws is a failed attempt.</summary>
    public static async Task<DeliveryOutcome> TryAsync(this IDeliverySink sink, OutboxMessage message, CancellationToken stop)
    {
        try
        {
            await sink.OpenAsync(stop).ConfigureAwait(false);
            return await sink.SendAsync(message, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { throw; }
        catch (Exception e) { return new(DeliveryAnswer.Failed, e.Message); }   // the boundary
    }
}

/// <summary>An event as it is sent.</summary>
/// <param name="EventId">The same at every attempt and every repetition.</param>
/// <param name="Definition">Version of the definition that says where to; null: it is the sink's own.</param>
/// <param name="Body">One JSON object.</param>
internal sealed record OutboxMessage(Guid EventId, long Position, StreamId Stream, long Seq, string Type, string? CorrelationId, RunId? RunId, string? Workflow, string? Definition, string Body)
{
    public static OutboxMessage Of(FeedItem item, string body, string? definition = null)
    {
        LifecycleEnvelope e = item.Envelope;
        return new(e.EventId, item.Position, item.Stream, e.Seq, e.Type, e.CorrelationId, e.RunId, e.Workflow, definition, body);
    }
}
