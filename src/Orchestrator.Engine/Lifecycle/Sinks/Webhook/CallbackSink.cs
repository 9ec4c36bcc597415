using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Engine.Lifecycle.Delivery;
using Orchestrator.Engine.Lifecycle.Feed;
using Orchestrator.Engine.Lifecycle.Following;
using Orchestrator.Engine.Lifecycle.Subscriptions;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Engine.Lifecycle.Sinks.Webhook;

/// <summary>
/// One address among the callbacks of one workflow. What it wants and how it is called stands in the definition that each run was started with, so that a run is told of
/// by its own definition even when there is a newer one.
/// </summary>
internal sealed class CallbackSink(string workflow, string url, int attempts, WebhookTransport transport, SecretSource secrets, StreamEnvelopes definitions) : IDeliverySink
{
    public const string Prefix = "callback.";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, EventPatterns> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<EventFormat, LetterBodies> _bodies = [];

    public string Name => NameOf(workflow, url);

    public string Host => new Uri(url).Authority;

    public int? MaxAttempts => attempts;

    public bool Tells => true;

    public static string NameOf(string workflow, string url) => $"{Prefix}{workflow}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)).AsSpan(0, 5))}";

    public bool MayWant(string type, string? of) => of == workflow && !type.StartsWith("webhook.", StringComparison.Ordinal);

    public Letter? Write(FeedItem item)
    {
        if (item.Definition is null || Of(item.Definition) is not { } callback || item.Envelope.DefinitionVersion is not { } version) return null;
        if (!_bodies.TryGetValue(callback.Format, out var bodies)) _bodies[callback.Format] = bodies = new(callback.Format);
        return bodies.Write(item, PatternsOf(callback).Fit(item.Envelope.Type)) is { } body ? Letter.Of(item, body, version) : null;
    }

    public Task<DeliveryOutcome> SendAsync(Letter letter, CancellationToken stop)
    {
        if (letter.Definition is null || definitions.Definition(letter.Definition) is not { } definition || Of(definition) is not { } callback)
            return Task.FromResult(new DeliveryOutcome(DeliveryAnswer.Refused, "the definition that names this address is lost"));
        var secret = callback.Secret is { } name ? secrets.Resolve(name, definition.Secrets[name]) : null;
        return transport.SendAsync(new(new Uri(url), callback.Headers, secret, callback.Timeout ?? Timeout), letter, stop);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var bodies in _bodies.Values) bodies.Dispose();
        return ValueTask.CompletedTask;
    }

    private CallbackDefinition? Of(WorkflowDefinition definition) => definition.Callbacks.FirstOrDefault(c => c.Url == url);

    private EventPatterns PatternsOf(CallbackDefinition callback)
    {
        var key = string.Join(',', callback.Events);
        if (_patterns.TryGetValue(key, out var known)) return known;
        return _patterns[key] = new(callback.Events.IsDefaultOrEmpty ? WebhookEndpoint.Ends : callback.Events);
    }
}
