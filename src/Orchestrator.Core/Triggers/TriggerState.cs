using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>A trigger's ledger as its entries tell it: the fold of its stream. Never changes; <see cref="Apply"/> gives the next.</summary>
public sealed record TriggerState
{
    /// <summary>So many deliveries are remembered, the latest.</summary>
    public const int MaxSeen = 10_000;

    /// <summary>A ledger before its first entry.</summary>
    public static TriggerState Empty { get; } = new();

    /// <summary>Seq of the last entry.</summary>
    public long Version { get; private init; }

    /// <summary>The trigger, <c>workflow/id</c>, once it has an entry.</summary>
    public string? Key { get; private init; }

    /// <summary>Deliveries that were taken, and the run each started; default: none yet, or a later one took its place.</summary>
    public ImmutableDictionary<string, RunId> Seen { get; private init; } = ImmutableDictionary<string, RunId>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Runs that are not known to be accepted.</summary>
    public ImmutableSortedDictionary<RunId, PendingTriggerRun> Pending { get; private init; } = ImmutableSortedDictionary<RunId, PendingTriggerRun>.Empty;

    /// <summary>Deliveries that wait for others, oldest first.</summary>
    public ImmutableList<HeldDelivery> Held { get; private init; } = [];

    /// <summary>Bytes of what they said.</summary>
    public long HeldBytes { get; private init; }

    /// <summary>When the first delivery came of those that wait or gave way to a later one; null: none waits.</summary>
    public DateTimeOffset? HeldSince { get; private init; }

    /// <summary>Seq from which on everything open is written down; entries before it can be removed.</summary>
    public long OpenFrom { get; private init; }

    private ImmutableQueue<string> Order { get; init; } = [];

    /// <summary>The state after one more entry.</summary>
    public TriggerState Apply(RecordedEvent recorded)
    {
        var next = this with { Version = recorded.Seq };
        if (recorded.Event is not TriggerEvent e) return next;
        next = next with { Key = $"{e.Workflow}/{e.TriggerId}" };
        if (next.Pending.IsEmpty && next.Held.IsEmpty) next = next with { OpenFrom = recorded.Seq };
        return e switch
        {
            TriggerReceived r => next.Receive(r, recorded.Time),
            TriggerFired f => next.Fire(f),
            TriggerDispatched d => next with { Pending = next.Pending.Remove(d.RunId) },
            TriggerFailed f => next with { Pending = next.Pending.Remove(f.RunId) },
            TriggerDebounced d => next.Release(d.DeliveryId),
            TriggerRejected { DeliveryId: { } id } => next.Release(id).Forget(id),
            TriggerRestated r => next.Restate(r),
            _ => next,
        };
    }

    private TriggerState Receive(TriggerReceived e, DateTimeOffset at)
    {
        var next = Remember(e.DeliveryId, default);
        if (e.Facts is not { } facts) return next;
        var held = new HeldDelivery(e.DeliveryId, at, facts) { CorrelationId = e.CorrelationId, CausationId = e.CausationId, Trace = e.Trace, Via = e.Via, Depth = e.Depth, Chain = e.Chain };
        return next with { Held = next.Held.Add(held), HeldBytes = next.HeldBytes + Size(facts), HeldSince = next.HeldSince ?? at };
    }

    private TriggerState Fire(TriggerFired e)
    {
        var next = this;
        foreach (var id in e.Deliveries) next = next.Release(id).Remember(id, e.RunId);
        if (next.Held.IsEmpty) next = next with { HeldSince = null };
        var pending = new PendingTriggerRun(e.RunId, Version, e.Params) { CorrelationId = e.CorrelationId, Trace = e.Trace, Via = e.Via, Links = e.Links, Depth = e.Depth, Chain = e.Chain };
        return next with { Pending = next.Pending.SetItem(e.RunId, pending) };
    }

    private TriggerState Restate(TriggerRestated e)
    {
        var (pending, held) = (e.Pending.IsDefault ? [] : e.Pending, e.Held.IsDefault ? [] : e.Held);   // an entry that was read has none where nothing was open
        return this with
        {
            OpenFrom = Version,
            Pending = pending.ToImmutableSortedDictionary(p => p.RunId, p => p),
            Held = [.. held],
            HeldBytes = held.Sum(h => Size(h.Facts)),
            HeldSince = e.HeldSince,
        };
    }

    private TriggerState Release(string delivery)
    {
        var at = Held.FindIndex(h => h.DeliveryId == delivery);
        return at < 0 ? this : this with { Held = Held.RemoveAt(at), HeldBytes = HeldBytes - Size(Held[at].Facts) };
    }

    // One that was refused may come again, once its cause is mended.
    private TriggerState Forget(string delivery) => this with { Seen = Seen.Remove(delivery), HeldSince = Held.IsEmpty ? null : HeldSince };

    private TriggerState Remember(string delivery, RunId run)
    {
        if (Seen.ContainsKey(delivery)) return this with { Seen = Seen.SetItem(delivery, run) };
        var (seen, order) = (Seen.SetItem(delivery, run), Order.Enqueue(delivery));
        while (seen.Count > MaxSeen)
        {
            order = order.Dequeue(out var oldest);
            seen = seen.Remove(oldest);
        }
        return this with { Seen = seen, Order = order };
    }

    internal static long Size(JsonElement facts) => facts.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(facts).Length;
}
