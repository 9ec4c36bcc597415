using Orchestrator.Engine.Lifecycle.Delivery;
using Orchestrator.Engine.Lifecycle.Feed;
using Orchestrator.Engine.Lifecycle.Subscriptions;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Engine.Lifecycle.Sinks.Webhook;

/// <summary>An endpoint of the program's configuration.</summary>
internal sealed class WebhookSink(WebhookEndpoint endpoint, int attempts, WebhookTransport transport, SecretSource secrets) : IDeliverySink
{
    public const string Prefix = "webhook.";
    private readonly EventPatterns _patterns = new(endpoint.Events.IsDefaultOrEmpty ? WebhookEndpoint.Ends : endpoint.Events);
    private readonly LetterBodies _bodies = new(endpoint.Format);

    public string Name => Prefix + endpoint.Name;

    public string Host => endpoint.Url.Authority;

    public int? MaxAttempts => attempts;

    public bool Tells => true;

    // News of deliveries are never delivered: each would make another.
    public bool MayWant(string type, string? workflow) => !type.StartsWith("webhook.", StringComparison.Ordinal) && (_bodies.NeedsAll || Wants(type, workflow));

    public Letter? Write(FeedItem item) =>
        _bodies.Write(item, Wants(item.Envelope.Type, item.Envelope.Workflow)) is { } body ? Letter.Of(item, body) : null;

    public Task<DeliveryOutcome> SendAsync(Letter letter, CancellationToken stop)
    {
        var secret = endpoint.Secret is { } reference ? secrets.Resolve($"of webhook {endpoint.Name}", reference) : null;
        return transport.SendAsync(new(endpoint.Url, endpoint.Headers, secret, endpoint.Timeout), letter, stop);
    }

    public ValueTask DisposeAsync()
    {
        _bodies.Dispose();
        return ValueTask.CompletedTask;
    }

    private bool Wants(string type, string? workflow) =>
        _patterns.Fit(type) && (endpoint.Workflows.IsDefaultOrEmpty || (workflow is not null && endpoint.Workflows.Contains(workflow)));
}
