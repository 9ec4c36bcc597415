using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Subscriptions;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>What one address among the callbacks of one workflow receives: for each run, what the definition says that it was started with.</summary>
internal sealed class CallbackMessages(string workflow, string url) : IOutboxMessages
{
    private readonly Dictionary<string, EventPatterns> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<EventFormat, MessageBodies> _bodies = [];

    public Subscription? Subscription => null;

    public bool MayWant(string type, string? of) => of == workflow && !type.StartsWith("webhook.", StringComparison.Ordinal);

    public bool WantsAllOf(StreamId? stream) => false;

    public OutboxMessage? Write(FeedItem item)
    {
        if (item.Definition is null || Of(item.Definition) is not { } callback || item.Envelope.DefinitionVersion is not { } version) return null;
        if (!_bodies.TryGetValue(callback.Format, out var bodies)) _bodies[callback.Format] = bodies = new(callback.Format);
        return bodies.Write(item, PatternsOf(callback).Fit(item.Envelope.Type)) is { } body ? OutboxMessage.Of(item, body, version) : null;
    }

    public CallbackDefinition? Of(WorkflowDefinition definition) => definition.Callbacks.FirstOrDefault(c => c.Url == url);

    public void Dispose()
    {
        foreach (var bodies in _bodies.Values) bodies.Dispose();
    }

    private EventPatterns PatternsOf(CallbackDefinition callback)
    {
        var key = string.Join(',', callback.Events);
        if (_patterns.TryGetValue(key, out var known)) return known;
        return _patterns[key] = new(callback.Events.IsDefaultOrEmpty ? WebhookEndpoint.Ends : callback.Events);
    }
}
