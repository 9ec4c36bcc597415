using System.Collections.Immutable;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Subscriptions;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>What an address of the configuration receives.</summary>
internal sealed class WebhookMessages(Subscription wanted) : IOutboxMessages
{
    private readonly EventPatterns _patterns = new(Subscription.Parts(wanted.Events));
    private readonly ImmutableArray<string> _workflows = [.. Subscription.Parts(wanted.Workflows)];
    private readonly MessageBodies _bodies = new(wanted.Format);

    public Subscription Subscription => wanted;

    // News of deliveries are never delivered: each would make another.
    public bool MayWant(string type, string? workflow) => !type.StartsWith("webhook.", StringComparison.Ordinal) && (_bodies.NeedsAll || Wants(type, workflow));

    public bool WantsAllOf(StreamId? stream) => stream is { } one && one.TryGetRun(out _) && _patterns.FitEvery && _workflows.IsEmpty && !_bodies.NeedsAll;

    public OutboxMessage? Write(FeedItem item) =>
        _bodies.Write(item, Wants(item.Envelope.Type, item.Envelope.Workflow)) is { } body ? OutboxMessage.Of(item, body) : null;

    public void Dispose() => _bodies.Dispose();

    private bool Wants(string type, string? workflow) => _patterns.Fit(type) && (_workflows.IsEmpty || (workflow is not null && _workflows.Contains(workflow)));
}
