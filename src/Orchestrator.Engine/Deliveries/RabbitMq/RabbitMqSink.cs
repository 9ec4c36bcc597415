using System.Collections.Immutable;
using System.Text;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Engine.Deliveries.Lanes;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Orchestrator.Engine.Deliveries.RabbitMq;

/// <summary>A broker that receives events.</summary>
public sealed record RabbitMqOptions
{
    /// <summary>Gives <c>amqp://user:password@host:port/vhost</c>, read for each connection: a rotated password is seen. Never shown.</summary>
    public required Func<string> Uri { get; init; }

    /// <summary>The topic exchange; declared durable if it is not there.</summary>
    public string Exchange { get; init; } = "orchestrator";

    /// <summary>Patterns of types; empty: all.</summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>Shape of the body: native or omninode, which has a shape for the six events of workflows and stages and leaves the others native.</summary>
    public EventFormat Format { get; init; }

    /// <summary>Whether an event that no queue is bound for is a dead letter.</summary>
    public bool Mandatory { get; init; } = true;

    /// <summary>Longest time until a connection is open, and from there until the broker has confirmed an event.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// Publishes to a topic exchange, persistent and confirmed by the broker, several at a time. The routing key is the event's type as
/// <see cref="OmninodeNames"/> has it, and the topic is a second key, so that queues can be bound to either. A broker that is away is waited for: only
/// what it sends back is given up.
/// </summary>
internal sealed class RabbitMqSink(RabbitMqOptions options) : IDeliverySink
{
    private IConnection? _connection;
    private IChannel? _channel;

    public string Name => "rabbitmq";

    public string Host { get; private set; } = HostOf(options);

    public int? MaxAttempts => null;

    public bool Tells => false;

    public int Window => 64;

    public IOutboxMessages Messages { get; } = new BrokerMessages(new(options.Events.IsDefaultOrEmpty ? "" : string.Join(',', options.Events), "", options.Format));

    public async Task OpenAsync(CancellationToken stop)
    {
        if (_channel is { IsOpen: true }) return;
        await CloseAsync().ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(options.Timeout);
        try
        {
            var factory = new ConnectionFactory { Uri = new Uri(options.Uri()), AutomaticRecoveryEnabled = false, ClientProvidedName = "orchestrator", RequestedHeartbeat = TimeSpan.FromSeconds(10) };
            factory.ContinuationTimeout = options.Timeout;   // a broker that hangs is not waited for longer when its connection is closed
            Host = factory.Endpoint.ToString();
            _connection = await factory.CreateConnectionAsync(patience.Token).ConfigureAwait(false);
            // How many confirmations are outstanding is the lane's business.
            var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);
            var channel = await _connection.CreateChannelAsync(confirmed, patience.Token).ConfigureAwait(false);
            await channel.ExchangeDeclareAsync(options.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: patience.Token).ConfigureAwait(false);
            _channel = channel;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested) { throw new IOException($"the broker did not answer within {options.Timeout.TotalSeconds:0.###} s"); }
        catch (BrokerUnreachableException e) when (e.InnerException is { } inner) { throw new IOException(inner.Message, e); }
    }

    public async Task<DeliveryOutcome> SendAsync(OutboxMessage message, CancellationToken stop)
    {
        if (_channel is not { IsOpen: true } channel) return new(DeliveryAnswer.Failed, "the connection to the broker is lost");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(options.Timeout);
        try
        {
            var properties = new BasicProperties
            {
                Persistent = true, ContentType = "application/json", MessageId = message.EventId.ToString(), Type = OmninodeNames.TypeOf(message.Type), CorrelationId = message.CorrelationId,
                AppId = "orchestrator",
                Headers = new Dictionary<string, object?>
                {
                    ["CC"] = new List<object?> { OmninodeNames.TopicOf(message.Type) }, ["event_type"] = message.Type, ["run_id"] = message.RunId?.ToString(), ["seq"] = message.Seq, ["stream"] = message.Stream.ToString(),
                },
            };
            // Up to here nothing was awaited: messages are put on their way in the order they were handed over. Completes with the broker's confirmation.
            await channel.BasicPublishAsync(options.Exchange, OmninodeNames.TypeOf(message.Type), options.Mandatory, properties, Encoding.UTF8.GetBytes(message.Body), patience.Token).ConfigureAwait(false);
            return DeliveryOutcome.Delivered;
        }
        catch (PublishException e) when (e.IsReturn) { return new(DeliveryAnswer.Refused, $"no queue is bound to exchange {options.Exchange} for {OmninodeNames.TypeOf(message.Type)} or {OmninodeNames.TopicOf(message.Type)}"); }
        catch (PublishException) { return new(DeliveryAnswer.Failed, "the broker did not accept it"); }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Later messages must no longer be confirmed: all of them are sent again, in order.
            await CloseAsync(channel).ConfigureAwait(false);
            return new(DeliveryAnswer.Failed, $"the broker did not confirm within {options.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await CloseAsync(channel).ConfigureAwait(false);
            return new(DeliveryAnswer.Failed, e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        Messages.Dispose();
    }

    // Of several messages that were lost together the first closes.
    private Task CloseAsync(IChannel of) => Interlocked.CompareExchange(ref _channel, null, of) == of ? CloseAsync() : Task.CompletedTask;

    private async Task CloseAsync()
    {
        _channel = null;
        try
        {
            // Its channel goes with it, and everything that was on its way.
            if (Interlocked.Exchange(ref _connection, null) is { } connection) await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was broken; there is nothing left to close.
        }
    }

    private static string HostOf(RabbitMqOptions options) =>
        System.Uri.TryCreate(options.Uri(), UriKind.Absolute, out var address) ? address.Authority[(address.Authority.IndexOf('@', StringComparison.Ordinal) + 1)..] : "broker";
}
