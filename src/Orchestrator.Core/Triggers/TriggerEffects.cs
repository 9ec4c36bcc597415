using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>Something to be done for a trigger.</summary>
public abstract record TriggerEffect
{
    private TriggerEffect() { }

    /// <summary>Submit a run. Harmless when it is repeated.</summary>
    public sealed record Submit(PendingTriggerRun Run) : TriggerEffect;

    /// <summary>Look again when what waits is due; every earlier alarm of the trigger is void.</summary>
    /// <param name="Waits">Whether something waits.</param>
    public sealed record Wake(bool Waits) : TriggerEffect;
}

/// <summary>
/// What follows from entries. <see cref="After"/> is incremental and used live; <see cref="From"/> says the same from state alone and is used at
/// the start, however long ago the entries were written.
/// </summary>
public static class TriggerEffects
{
    /// <summary>The effects of entries just folded onto a state.</summary>
    public static List<TriggerEffect> After(TriggerState state, IReadOnlyList<RecordedEvent> entries)
    {
        var effects = new List<TriggerEffect>();
        var wakes = false;
        foreach (var entry in entries)
        {
            wakes |= entry.Event is TriggerReceived { Facts: not null } or TriggerDebounced or TriggerRejected { DeliveryId: not null } or TriggerFired or TriggerRestated;
            if (entry.Event is TriggerFired fired && state.Pending.GetValueOrDefault(fired.RunId) is { } run) effects.Add(new TriggerEffect.Submit(run));
        }
        if (wakes) effects.Insert(0, new TriggerEffect.Wake(!state.Held.IsEmpty));
        return effects;
    }

    /// <summary>All outstanding effects of a state.</summary>
    public static List<TriggerEffect> From(TriggerState state) =>
        [new TriggerEffect.Wake(!state.Held.IsEmpty), .. state.Pending.Values.Select(run => new TriggerEffect.Submit(run))];
}
