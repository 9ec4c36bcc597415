using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>Tells one address of the configuration.</summary>
internal sealed class WebhookSink(WebhookEndpoint endpoint, int attempts, WebhookTransport transport, SecretSource secrets) : IDeliverySink
{
    public const string Prefix = "webhook.";

    public string Name => Prefix + endpoint.Name;

    public string Host => endpoint.Url.Authority;

    public int? MaxAttempts => attempts;

    public bool Tells => true;

    public int Window => 1;

    public IOutboxMessages Messages { get; } = new WebhookMessages(new(
        string.Join(',', endpoint.Events.IsDefaultOrEmpty ? WebhookEndpoint.Ends : endpoint.Events), endpoint.Workflows.IsDefaultOrEmpty ? "" : string.Join(',', endpoint.Workflows), endpoint.Format));

    public Task OpenAsync(CancellationToken stop) => Task.CompletedTask;

    public Task<DeliveryOutcome> SendAsync(OutboxMessage message, CancellationToken stop)
    {
        var secret = endpoint.Secret is { } reference ? secrets.Resolve($"of webhook {endpoint.Name}", reference) : null;
        return transport.SendAsync(new(endpoint.Url, endpoint.Headers, secret, endpoint.Timeout), message, stop);
    }

    public ValueTask DisposeAsync()
    {
        Messages.Dispose();
        return ValueTask.CompletedTask;
    }
}
