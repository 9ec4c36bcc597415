using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Events;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.Engine.Triggers;

/// <summary>Delivers, of this program's own events, the ends of runs and whatever else triggers wait for. For one thread at a time.</summary>
internal sealed class FeedDeliveries(IRunStore store, WorkflowCatalog catalog, LiveTriggers triggers)
{
    private FeedEnvelopes _envelopes = new(store);
    private Waiting _waiting = new(null, [], []);

    /// <summary>What was read is read again: a delivery was not taken.</summary>
    public void Forget() => _envelopes = new(store);

    /// <summary>Delivers what waits for events of a part; whether anything did.</summary>
    /// <param name="after">Events up to this position were delivered before.</param>
    public async Task<bool> TakeAsync(FeedPart part, long after, CancellationToken stop)
    {
        var waiting = Current();
        var delivered = await EndAsync(part, waiting, stop).ConfigureAwait(false);
        if (waiting.ForEvents.Count == 0) return delivered;
        foreach (var item in await _envelopes.OfAsync(part, (type, _) => waiting.FitsType(type), after, stop).ConfigureAwait(false))
            delivered |= await EventAsync(item.Envelope, waiting, stop).ConfigureAwait(false);
        return delivered;
    }

    private async Task<bool> EndAsync(FeedPart part, Waiting waiting, CancellationToken stop)
    {
        if (!part.Record.EndsRun || !part.Record.Stream.TryGetRun(out var run) || part.Events is not [.., { Event: WorkflowEnded end } ended]) return false;
        if (waiting.ForEnds.Count == 0 || store.Runs.FirstEvent(run)?.Event is not WorkflowCreated created) return false;
        var delivered = false;
        foreach (var (workflow, trigger) in waiting.ForEnds)
        {
            if (!RunEndFacts.Fits(trigger, created, end)) continue;
            delivered = true;
            if (created.Depth >= RunEndFacts.MaxDepth)
            {
                await RefuseAsync(workflow, trigger, $"run:{run}", Deep(workflow, "end"), stop).ConfigureAwait(false);
                continue;
            }
            await DeliverAsync(workflow, trigger, RunEndFacts.Delivery(trigger, run, created, ended), stop).ConfigureAwait(false);
        }
        return delivered;
    }

    private async Task<bool> EventAsync(LifecycleEnvelope envelope, Waiting waiting, CancellationToken stop)
    {
        var subject = OwnEvents.SubjectOf(envelope);
        var (created, known, delivered) = ((WorkflowCreated?)null, false, false);
        foreach (var (workflow, trigger) in waiting.ForEvents)
        {
            if (!trigger.Event!.Fits(envelope.Type, envelope.Source, subject)) continue;
            if (!known) created = envelope.RunId is { } run ? store.Runs.FirstEvent(run)?.Event as WorkflowCreated : null;
            known = true;
            // Of its own runs a workflow is not told: that is no loop to be reported, but what a pattern for all workflows means.
            if (created?.Workflow == workflow.Name) continue;
            delivered = true;
            if (created is not null && (created.Depth >= RunEndFacts.MaxDepth || TriggerChain.LeadsBack(created, workflow.Name)))
            {
                await RefuseAsync(workflow, trigger, $"event:{envelope.EventId}", created.Depth >= RunEndFacts.MaxDepth ? Deep(workflow, "events")
                    : $"A run of '{workflow.Name}' led to the run of '{created.Workflow}' that this event is about.", stop).ConfigureAwait(false);
                continue;
            }
            await DeliverAsync(workflow, trigger, OwnEvents.Delivery(trigger, envelope, created), stop).ConfigureAwait(false);
        }
        return delivered;
    }

    private async Task DeliverAsync(WorkflowDefinition workflow, TriggerDefinition trigger, Delivery delivery, CancellationToken stop)
    {
        var answer = await triggers.DeliverByRuleAsync(workflow, trigger, delivery, stop).ConfigureAwait(false);
        // A backlog passes; an event comes only once.
        if (answer is DeliveryAnswer.Rejected { Reason: RejectReasons.Backlog })
            throw new InvalidOperationException($"Trigger {workflow.Name}/{trigger.Id} takes no more deliveries now.");
    }

    private Task RefuseAsync(WorkflowDefinition workflow, TriggerDefinition trigger, string delivery, string error, CancellationToken stop) =>
        triggers.RejectAsync(workflow, trigger, new(RejectReasons.Loop) { DeliveryId = delivery, Error = error }, stop);

    private static string Deep(WorkflowDefinition workflow, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunEndFacts.MaxDepth} runs have started each other by triggers: '{workflow.Name}' may be started by its own {what}.");

    // Found once for the definitions in force: it is asked for with every event.
    private Waiting Current()
    {
        var current = catalog.Current;
        if (ReferenceEquals(_waiting.Of, current)) return _waiting;
        var all = current.Workflows.Values.SelectMany(e => e.Definition.Triggers.Where(t => t.Enabled).Select(t => (e.Definition, t))).ToList();
        return _waiting = new(current, [.. all.Where(t => t.t.Workflow is not null)], [.. all.Where(t => t.t.Event is not null)]);
    }

    private sealed record Waiting(
        CatalogSnapshot? Of,
        IReadOnlyList<(WorkflowDefinition Workflow, TriggerDefinition Trigger)> ForEnds,
        IReadOnlyList<(WorkflowDefinition Workflow, TriggerDefinition Trigger)> ForEvents)
    {
        private readonly Dictionary<string, bool> _types = new(StringComparer.Ordinal);   // there are a few dozen

        public bool FitsType(string type)
        {
            if (_types.TryGetValue(type, out var fits)) return fits;
            return _types[type] = OwnEvents.CanStart(type) && ForEvents.Any(t => t.Trigger.Event!.FitsType(type));
        }
    }
}
