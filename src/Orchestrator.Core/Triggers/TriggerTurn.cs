using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>The entries one input leads to, folded onto the state as they are decided.</summary>
internal sealed class TriggerTurn(TriggerState state, TriggerContext context)
    : EventTurn<TriggerState>(StreamId.Trigger(context.Workflow, context.TriggerId), state, state.Version, static (s, e) => s.Apply(e), context.Now)
{
    public TriggerContext Context => context;

    public void Reject(string reason, string delivery, string? error) =>
        Add(new TriggerRejected(context.TriggerId, context.Workflow, reason) { DeliveryId = delivery, Error = error });
}
