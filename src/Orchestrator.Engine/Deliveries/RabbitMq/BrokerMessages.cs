using System.Text;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Subscriptions;

namespace Orchestrator.Engine.Deliveries.RabbitMq;

/// <summary>What a broker receives: events in native shape, or the six of workflows and stages that omninode has a shape for in that.</summary>
internal sealed class BrokerMessages(Subscription wanted) : IOutboxMessages
{
    private readonly EventPatterns _patterns = new(Subscription.Parts(wanted.Events));
    private readonly MessageBodies _native = new(EventFormat.Native);
    private readonly Dictionary<StreamId, OmninodeShape> _shapes = [];
    private readonly ShapeLines _lines = new();

    public Subscription Subscription => wanted;

    public bool MayWant(string type, string? workflow) => wanted.Format == EventFormat.Omninode ? type == "workflow.created" || _patterns.Fit(type) : _patterns.Fit(type);

    public bool WantsAllOf(StreamId? stream) => _patterns.FitEvery;

    public OutboxMessage? Write(FeedItem item)
    {
        var e = item.Envelope;
        if (wanted.Format == EventFormat.Omninode) Remember(item);
        if (!_patterns.Fit(e.Type)) return null;
        if (wanted.Format != EventFormat.Omninode || !OmninodeShape.Has(e.Data)) return _native.Write(item, wanted: true) is { } body ? OutboxMessage.Of(item, body) : null;
        _lines.Clear();
        (_shapes.GetValueOrDefault(item.Stream) ?? new OmninodeShape()).WritePayload(e, _lines);
        if (e.Data is WorkflowEnded) _shapes.Remove(item.Stream);
        return OutboxMessage.Of(item, Encoding.UTF8.GetString(_lines.Written.Span[..^1]));
    }

    public void Dispose()
    {
        _native.Dispose();
        _lines.Dispose();
    }

    private void Remember(FeedItem item)
    {
        if (item.Envelope.Data is not WorkflowCreated) return;
        if (_shapes.Count >= 10_000) _shapes.Clear();
        (_shapes[item.Stream] = new()).Remember(item.Envelope);
    }
}
