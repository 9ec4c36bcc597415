using System.Collections.Immutable;
using System.Text;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Engine.Lifecycle.Delivery;
using Orchestrator.Engine.Lifecycle.Feed;
using Orchestrator.Engine.Lifecycle.Subscriptions;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Orchestrator.Engine.Lifecycle.Sinks.RabbitMq;

/// <summary>A broker that is told of events.</summary>
public sealed record RabbitMqOptions
{
    /// <summary>Gives <c>amqp://user:password@host:port/vhost</c>, anew for each connection: a rotated password is seen. Never shown.</summary>
    public required Func<string> Uri { get; init; }

    /// <summary>The topic exchange; declared durable if it is not there.</summary>
    public string Exchange { get; init; } = "orchestrator";

    /// <summary>Patterns of types; empty: all.</summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>Shape of the body: native or omninode, which has a shape for the six events of workflows and stages and leaves the others native.</summary>
    public EventFormat Format { get; init; }

    /// <summary>Whether an event that no queue is bound for is a dead letter.</summary>
    public bool Mandatory { get; init; } = true;

    /// <summary>Longest time until the broker has confirmed an event, a new connection included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// Publishes to a topic exchange, persistent and confirmed by the broker one by one. The routing key is the event's type as <see cref="OmninodeNames"/> has it, and the
/// topic is a second key, so that queues can be bound to either. A broker that is away is waited for: only what it sends back is given up.
/// </summary>
internal sealed class RabbitMqSink(RabbitMqOptions options) : IDeliverySink
{
    private readonly EventPatterns _patterns = new(options.Events);
    private readonly LetterBodies _native = new(EventFormat.Native);
    private readonly Dictionary<Core.Runs.StreamId, OmninodeShape> _shapes = [];
    private readonly ShapeLines _lines = new();
    private IConnection? _connection;
    private IChannel? _channel;

    public string Name => "rabbitmq";

    public string Host { get; private set; } = HostOf(options);

    public int? MaxAttempts => null;

    public bool Tells => false;

    public bool MayWant(string type, string? workflow) => options.Format == EventFormat.Omninode ? type == "workflow.created" || _patterns.Fit(type) : _patterns.Fit(type);

    public Letter? Write(FeedItem item)
    {
        var e = item.Envelope;
        if (options.Format == EventFormat.Omninode) Remember(item);
        if (!_patterns.Fit(e.Type)) return null;
        if (options.Format != EventFormat.Omninode || !OmninodeShape.Has(e.Data)) return _native.Write(item, wanted: true) is { } body ? Letter.Of(item, body) : null;
        _lines.Clear();
        (_shapes.GetValueOrDefault(item.Stream) ?? new OmninodeShape()).WritePayload(e, _lines);
        if (e.Data is Core.Runs.WorkflowEnded) _shapes.Remove(item.Stream);
        return Letter.Of(item, Encoding.UTF8.GetString(_lines.Written.Span[..^1]));
    }

    public async Task<DeliveryOutcome> SendAsync(Letter letter, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(options.Timeout);
        try
        {
            var channel = await ChannelAsync(patience.Token).ConfigureAwait(false);
            var properties = new BasicProperties
            {
                Persistent = true, ContentType = "application/json", MessageId = letter.EventId.ToString(), Type = OmninodeNames.TypeOf(letter.Type), CorrelationId = letter.CorrelationId,
                AppId = "orchestrator",
                Headers = new Dictionary<string, object?>
                {
                    ["CC"] = new List<object?> { OmninodeNames.TopicOf(letter.Type) }, ["event_type"] = letter.Type, ["run_id"] = letter.RunId?.ToString(), ["seq"] = letter.Seq, ["stream"] = letter.Stream.ToString(),
                },
            };
            // Completes with the broker's confirmation.
            await channel.BasicPublishAsync(options.Exchange, OmninodeNames.TypeOf(letter.Type), options.Mandatory, properties, Encoding.UTF8.GetBytes(letter.Body), patience.Token).ConfigureAwait(false);
            return DeliveryOutcome.Delivered;
        }
        catch (PublishException e) when (e.IsReturn) { return new(DeliveryAnswer.Refused, $"no queue is bound to exchange {options.Exchange} for {OmninodeNames.TypeOf(letter.Type)} or {OmninodeNames.TopicOf(letter.Type)}"); }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            await CloseAsync().ConfigureAwait(false);
            return new(DeliveryAnswer.Failed, $"the broker did not confirm within {options.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await CloseAsync().ConfigureAwait(false);
            return new(DeliveryAnswer.Failed, e is BrokerUnreachableException { InnerException: { } inner } ? inner.Message : e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _native.Dispose();
        _lines.Dispose();
    }

    private void Remember(FeedItem item)
    {
        if (item.Envelope.Data is not Core.Runs.WorkflowCreated) return;
        if (_shapes.Count >= 10_000) _shapes.Clear();
        (_shapes[item.Stream] = new()).Remember(item.Envelope);
    }

    private async Task<IChannel> ChannelAsync(CancellationToken stop)
    {
        if (_channel is { IsOpen: true }) return _channel;
        await CloseAsync().ConfigureAwait(false);
        var factory = new ConnectionFactory { Uri = new Uri(options.Uri()), AutomaticRecoveryEnabled = false, ClientProvidedName = "orchestrator", RequestedHeartbeat = TimeSpan.FromSeconds(10) };
        factory.ContinuationTimeout = options.Timeout;   // a broker that hangs is not waited for longer when its connection is closed
        Host = factory.Endpoint.ToString();
        _connection = await factory.CreateConnectionAsync(stop).ConfigureAwait(false);
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), stop).ConfigureAwait(false);
        await _channel.ExchangeDeclareAsync(options.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: stop).ConfigureAwait(false);
        return _channel;
    }

    private async Task CloseAsync()
    {
        var (channel, connection) = (_channel, _connection);
        (_channel, _connection) = (null, null);
        try
        {
            if (channel is not null) await channel.DisposeAsync().ConfigureAwait(false);
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was broken; there is nothing left to close.
        }
    }

    private static string HostOf(RabbitMqOptions options) =>
        System.Uri.TryCreate(options.Uri(), UriKind.Absolute, out var address) ? address.Authority[(address.Authority.IndexOf('@', StringComparison.Ordinal) + 1)..] : "broker";
}
