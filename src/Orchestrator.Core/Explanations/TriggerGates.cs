using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;

namespace Orchestrator.Core.Explanations;

/// <summary>A trigger as its ledger and its definition tell it at an instant.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="Id">The trigger's id.</param>
/// <param name="Entries">The entries of its ledger up to then.</param>
/// <param name="Definition">The definition as it is now; null: no definition has it.</param>
public sealed record ExplainedTrigger(string Workflow, string Id, IReadOnlyList<RecordedEvent> Entries, TriggerDefinition? Definition);

/// <summary>The outcomes of a trigger's deliveries: the last one, waiting ones, refused ones.</summary>
internal static class TriggerGates
{
    public static Gate Of(ExplainedTrigger trigger)
    {
        var state = trigger.Entries.Aggregate(TriggerState.Empty, static (s, e) => s.Apply(e));
        var (value, passes, sentence) = Find(trigger, state);
        var facts = new List<GateFact> { new("kind", trigger.Definition is { } definition ? Words.Of(definition.Source) : null) };
        if (trigger.Entries.LastOrDefault(e => e.Event is TriggerFired) is { Event: TriggerFired fired } run)
            facts.Add(new("last_run", $"{fired.RunId} at {Said.Time(run.Time)}"));
        if (trigger.Entries.LastOrDefault(e => e.Event is TriggerRejected) is { Event: TriggerRejected rejected } no)
            facts.Add(new("last_refusal", $"{rejected.Reason} at {Said.Time(no.Time)}"));
        if (!state.Held.IsEmpty) facts.Add(new("held", string.Create(CultureInfo.InvariantCulture, $"{state.Held.Count}")));
        return new("trigger", value, passes, $"Trigger {trigger.Workflow}/{trigger.Id}: {sentence}") { Facts = [.. facts] };
    }

    private static (string Value, bool? Passes, string Sentence) Find(ExplainedTrigger trigger, TriggerState state)
    {
        if (trigger.Definition is null) return ("none", false, $"No definition has it now. {Last(trigger)}");
        if (!trigger.Definition.Enabled) return ("disabled", false, $"Its definition has `enabled: false`. {Last(trigger)}");
        if (!state.Held.IsEmpty)
        {
            var one = state.Held.Count == 1;
            var until = trigger.Definition.Policy.FireAt(state) is { } at ? $" at {Said.Time(at)}" : "";
            var (who, what) = one ? ("1 delivery waits", "it starts") : ($"{state.Held.Count} deliveries wait", "they start");
            return ("held", false, $"{who} for others; {what} a run{until}, or earlier or later as others arrive.");
        }
        if (!state.Pending.IsEmpty)
            return ("pending", false, $"Run {state.Pending.Values.First().RunId} was started and is not accepted yet: the service submits it until it is.");
        return trigger.Entries.LastOrDefault(IsAnswer)?.Event switch
        {
            null => ("none", null, "Nothing has been delivered yet."),
            TriggerRejected e => ("rejected", false, Last(trigger)),
            TriggerFailed => ("failed", false, Last(trigger)),
            TriggerDuplicate => ("duplicate", null, Last(trigger)),
            _ => ("fired", true, Last(trigger)),
        };
    }

    private static bool IsAnswer(RecordedEvent recorded) => recorded.Event is TriggerFired or TriggerFailed or TriggerDuplicate or TriggerRejected;

    private static string Last(ExplainedTrigger trigger)
    {
        if (trigger.Entries.LastOrDefault(IsAnswer) is not { } last) return "Nothing was delivered.";
        var at = Said.Time(last.Time);
        return last.Event switch
        {
            TriggerFired { Deliveries.Length: > 1 } e => $"The last {e.Deliveries.Length} deliveries started run {e.RunId} at {at}.",
            TriggerFired e => $"The last delivery started run {e.RunId} at {at}.",
            TriggerFailed e => $"Run {e.RunId} was refused at {at}: {Said.Ended(Said.Short(e.Error))}",
            TriggerDuplicate e =>
                $"The last delivery, {Said.Short(e.DeliveryId)} at {at}, had arrived before{(e.RunId is { } run ? $" and had started run {run}" : "")}: it starts nothing.",
            TriggerRejected e =>
                $"{(e.Count is > 1 ? $"The last {e.Count} deliveries were" : "The last delivery was")} refused at {at} ({e.Reason})"
                + (e.Error is { } why ? $": {Said.Ended(Said.Short(why))}" : "."),
            _ => "",
        };
    }
}
