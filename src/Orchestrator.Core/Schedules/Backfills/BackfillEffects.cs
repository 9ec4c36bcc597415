using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Backfills;

/// <summary>Something to be done for a backfill. Harmless when it is repeated.</summary>
/// <param name="Item">The item.</param>
public abstract record BackfillEffect(OpenItem Item)
{
    /// <summary>Submit its run.</summary>
    public sealed record Submit(OpenItem Item) : BackfillEffect(Item);

    /// <summary>Say whether its run was accepted; it is not submitted any more.</summary>
    public sealed record Withdraw(OpenItem Item) : BackfillEffect(Item);

    /// <summary>Say when its run has ended.</summary>
    public sealed record Watch(OpenItem Item) : BackfillEffect(Item);

    /// <summary>Ask its run to stop.</summary>
    public sealed record Stop(OpenItem Item) : BackfillEffect(Item);
}

/// <summary>
/// What follows from events. <see cref="After"/> is incremental and used live; <see cref="From"/> says the same from state alone and is used at
/// the start, however long ago the events were written.
/// </summary>
public static class BackfillEffects
{
    /// <summary>The effects of events just folded onto a state.</summary>
    public static List<BackfillEffect> After(BackfillState state, IReadOnlyList<RecordedEvent> events)
    {
        var effects = new List<BackfillEffect>();
        // A cancel concerns every open item, whatever else the same events say of it.
        if (events.Any(e => e.Event is BackfillCancelRequested)) return From(state);
        foreach (var e in events)
        {
            if (e.Event is not (BackfillItemStarted or BackfillItemDispatched)) continue;
            // What a later one of the events has overtaken has no effect.
            if (state.Open.TryGetValue(((BackfillItemEvent)e.Event).Item, out var item) && item.IsAccepted == e.Event is BackfillItemDispatched) effects.AddRange(Of(state, item));
        }
        return effects;
    }

    /// <summary>All outstanding effects of a state.</summary>
    public static List<BackfillEffect> From(BackfillState state) => [.. state.Open.Values.SelectMany(item => Of(state, item))];

    private static IEnumerable<BackfillEffect> Of(BackfillState state, OpenItem item) => (item.IsAccepted, state.Cancel is not null) switch
    {
        (false, false) => [new BackfillEffect.Submit(item)],
        (false, true) => [new BackfillEffect.Withdraw(item)],
        (true, false) => [new BackfillEffect.Watch(item)],
        (true, true) => [new BackfillEffect.Watch(item), new BackfillEffect.Stop(item)],
    };
}
