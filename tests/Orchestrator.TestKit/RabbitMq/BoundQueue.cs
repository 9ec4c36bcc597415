using System.Text;
using RabbitMQ.Client;

namespace Orchestrator.TestKit.RabbitMq;

/// <summary>A message as a queue had it.</summary>
public sealed record QueuedMessage(string Id, string RoutingKey, string? Type, string? CorrelationId, bool Persistent, string Body);

/// <summary>A durable queue bound to a topic exchange, looked into now and then.</summary>
public static class BoundQueue
{
    /// <summary>Declares exchange, queue and binding.</summary>
    public static async Task DeclareAsync(string uri, string exchange, string queue, string key)
    {
        await using var connection = await ConnectAsync(uri);
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, autoDelete: false);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(queue, exchange, key);
    }

    /// <summary>Takes what is there, in order.</summary>
    public static async Task<IReadOnlyList<QueuedMessage>> TakeAsync(string uri, string queue)
    {
        await using var connection = await ConnectAsync(uri);
        await using var channel = await connection.CreateChannelAsync();
        var messages = new List<QueuedMessage>();
        while (await channel.BasicGetAsync(queue, autoAck: true) is { } got)
            messages.Add(new(got.BasicProperties.MessageId ?? "", got.RoutingKey, got.BasicProperties.Type, got.BasicProperties.CorrelationId, got.BasicProperties.Persistent, Encoding.UTF8.GetString(got.Body.Span)));
        return messages;
    }

    private static Task<IConnection> ConnectAsync(string uri) => new ConnectionFactory { Uri = new Uri(uri) }.CreateConnectionAsync();
}
