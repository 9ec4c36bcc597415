using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>How many deliveries an entry of a trigger's ledger decides, and how: what metrics count and reconciliation holds against them.</summary>
internal static class DeliveryOutcomes
{
    /// <summary>The value of <c>orchestrator.trigger.outcome</c> and the deliveries it counts; a count of 0: the entry decides nothing.</summary>
    public static (string Outcome, int Count) Of(TriggerEvent entry) => entry switch
    {
        TriggerFired e => ("fired", e.Deliveries.Length),
        TriggerReceived { Facts: not null } => ("held", 1),
        TriggerDebounced => ("debounced", 1),
        TriggerDuplicate => ("duplicate", 1),
        TriggerRejected e => ("rejected", e.Count ?? 1),
        _ => ("", 0),
    };
}
