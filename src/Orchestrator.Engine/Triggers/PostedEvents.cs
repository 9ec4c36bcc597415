using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers.Events;
using Orchestrator.Engine.Definitions;

namespace Orchestrator.Engine.Triggers;

/// <summary>What a posted event has led to at one trigger.</summary>
public sealed record EventDelivery(string Workflow, string Trigger, DeliveryAnswer Answer);

/// <summary>Where a posted event comes from, besides what it says itself.</summary>
/// <param name="CorrelationId">The sender's, for events that have none.</param>
/// <param name="Trace">The sender's trace context, for events that have none.</param>
/// <param name="Via">The span that took the request.</param>
public sealed record EventSender(string? CorrelationId, TraceStamp? Trace, TraceStamp? Via);

/// <summary>Hands posted events to the triggers that wait for them.</summary>
public sealed class PostedEvents(WorkflowCatalog catalog, LiveTriggers triggers, TimeProvider clock)
{
    /// <summary>Delivers an event; completes when every trigger it fits has it in its ledger. None fits: it leads to nothing, and nothing of it is kept.</summary>
    /// <exception cref="Journal.JournalUnavailableException">Not all ledgers have it; those that do know it when it comes again.</exception>
    public async Task<IReadOnlyList<EventDelivery>> TakeAsync(CloudEvent posted, EventSender sender, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var answers = new List<EventDelivery>();
        foreach (var (workflow, trigger) in Waiting(posted))
        {
            var facts = posted.ToFacts(trigger.Id, posted.DeliveryId, now);
            var answer = await triggers.DeliverByRuleAsync(workflow, trigger, new(posted.DeliveryId, TriggerSource.Event, facts)
            {
                CorrelationId = posted.CorrelationId ?? sender.CorrelationId, Trace = posted.Trace ?? sender.Trace, Via = sender.Via,
            }, stop).ConfigureAwait(false);
            answers.Add(new(workflow.Name, trigger.Id, answer));
        }
        return answers;
    }

    private IEnumerable<(WorkflowDefinition Workflow, TriggerDefinition Trigger)> Waiting(CloudEvent posted) =>
        from entry in catalog.Current.Workflows.Values.OrderBy(e => e.Definition.Name, StringComparer.Ordinal)
        from trigger in entry.Definition.Triggers
        where trigger is { Enabled: true, Event: { } rule } && rule.Fits(posted.Type, posted.Source, posted.Subject)
        select (entry.Definition, trigger);
}
