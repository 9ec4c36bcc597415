using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Serialization;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>The rules of a trigger's ledger: what an input means, given what is known. Pure and total.</summary>
public static class TriggerDecisions
{
    /// <summary>Beyond it runs are not accepted for so long that more of them help nobody.</summary>
    public const int MaxPending = 1000;

    /// <summary>Entries after which what is open is written down again.</summary>
    public const int RestateAfter = 1000;

    // Spans that a run is linked to.
    private const int MaxLinks = 16;

    /// <summary>The entries that an input leads to, in order; to be appended in one batch.</summary>
    /// <param name="state">What is known.</param>
    /// <param name="input">What happened.</param>
    /// <param name="context">Time, policy, parameters.</param>
    public static IReadOnlyList<RecordedEvent> Decide(TriggerState state, TriggerInput input, TriggerContext context)
    {
        var turn = new TriggerTurn(state, context);
        switch (input)
        {
            case TriggerInput.Deliver e: Take(turn, e.Delivery); break;
            case TriggerInput.Reject e:
                turn.Add(new TriggerRejected(context.TriggerId, context.Workflow, e.Reason)
                {
                    DeliveryId = e.DeliveryId, Error = e.Error, Count = e.Count > 1 ? e.Count : null, Since = e.Count > 1 ? e.Since : null,
                });
                break;
            case TriggerInput.Tick: Release(turn); break;
            case TriggerInput.Close:
                foreach (var held in turn.State.Held) turn.Reject(RejectReasons.Disabled, held.DeliveryId, null);
                break;
            case TriggerInput.Accepted e when state.Pending.ContainsKey(e.Run): turn.Add(new TriggerDispatched(context.TriggerId, context.Workflow, e.Run)); break;
            case TriggerInput.Refused e when state.Pending.ContainsKey(e.Run): turn.Add(new TriggerFailed(context.TriggerId, context.Workflow, e.Run, e.Error)); break;
        }
        if (turn.Events.Count > 0 && turn.State.Version - turn.State.OpenFrom > RestateAfter && !(turn.State.Pending.IsEmpty && turn.State.Held.IsEmpty))
        {
            turn.Add(new TriggerRestated(context.TriggerId, context.Workflow)
            {
                Pending = [.. turn.State.Pending.Values], Held = [.. turn.State.Held], HeldSince = turn.State.HeldSince,
            });
        }
        return turn.Events;
    }

    private static void Take(TriggerTurn turn, Delivery delivery)
    {
        var context = turn.Context;
        if (turn.State.Seen.TryGetValue(delivery.Id, out var run))
        {
            turn.Add(new TriggerDuplicate(context.TriggerId, context.Workflow, delivery.Id) { RunId = run == default ? null : run });
            return;
        }
        // What waits is due by its own time, whatever comes now; together they may not be larger than the value of a parameter.
        Release(turn, isFull: context.Policy is TriggerPolicy.Batch && turn.State.HeldBytes + TriggerState.Size(delivery.Facts) > TriggerPolicy.MaxHeldBytes);
        if (turn.State.Pending.Count >= MaxPending)
        {
            turn.Reject(RejectReasons.Backlog, delivery.Id, null);
            return;
        }
        // Its sender is told now, not when others have come.
        var bound = context.Bind(Facts([delivery.Facts]));
        if (bound.Error is { } error)
        {
            turn.Reject(RejectReasons.Params, delivery.Id, error);
            return;
        }
        var waits = context.Policy is not TriggerPolicy.AtOnce;
        turn.Add(new TriggerReceived(context.TriggerId, context.Workflow, delivery.Id, delivery.Source)
        {
            Facts = waits ? delivery.Facts : null, CorrelationId = delivery.CorrelationId, CausationId = delivery.CausationId, Trace = delivery.Trace,
            Via = delivery.Via, Depth = delivery.Depth == 0 ? null : delivery.Depth, Chain = delivery.Chain,
        });
        if (!waits)
        {
            turn.Add(new TriggerFired(context.TriggerId, context.Workflow, RunId.ForTrigger(context.Installation(), context.Key, delivery.Id, context.Now))
            {
                Deliveries = [delivery.Id], Params = bound.Values, CorrelationId = delivery.CorrelationId, CausationId = delivery.CausationId,
                Trace = delivery.Trace, Via = delivery.Via, Depth = delivery.Depth == 0 ? null : delivery.Depth, Chain = delivery.Chain,
            });
            return;
        }
        if (context.Policy is TriggerPolicy.Debounce)
            foreach (var earlier in turn.State.Held.RemoveAt(turn.State.Held.Count - 1))
                turn.Add(new TriggerDebounced(context.TriggerId, context.Workflow, earlier.DeliveryId, delivery.Id));
        Release(turn);
    }

    // What waits starts its run when its time has come, or when nothing says any more that it should wait.
    private static void Release(TriggerTurn turn, bool isFull = false)
    {
        var (context, held) = (turn.Context, turn.State.Held);
        if (held.IsEmpty || !isFull && context.Policy.FireAt(turn.State) > context.Now) return;
        var bound = context.Bind(Facts([.. held.Select(h => h.Facts)]));
        if (bound.Error is { } error)
        {
            foreach (var delivery in held) turn.Reject(RejectReasons.Params, delivery.DeliveryId, error);
            return;
        }
        var (last, several) = (held[^1], held.Count > 1);
        var links = held.Select(h => (h.Via ?? h.Trace)?.TraceParent).OfType<string>().Distinct(StringComparer.Ordinal).Take(MaxLinks).Select(t => new TraceLink("trigger", t)).ToImmutableArray();
        turn.Add(new TriggerFired(context.TriggerId, context.Workflow, RunId.ForTrigger(context.Installation(), context.Key, string.Join('\n', held.Select(h => h.DeliveryId)), context.Now))
        {
            Deliveries = [.. held.Select(h => h.DeliveryId)],
            Params = bound.Values,
            CorrelationId = held.All(h => h.CorrelationId == last.CorrelationId) ? last.CorrelationId : null,
            CausationId = last.CausationId,
            // A run has one parent: that of several callers would be one of them by chance.
            Trace = several ? null : last.Trace,
            Via = several ? null : last.Via,
            Links = several && links.Length > 0 ? links : default,
            Depth = held.Max(h => h.Depth),
            Chain = held.Where(h => !h.Chain.IsDefault).SelectMany(h => h.Chain).Distinct(StringComparer.Ordinal).Take(TriggerChain.MaxNames).ToImmutableArray() is { Length: > 0 } chain ? chain : default,
        });
    }

    /// <summary>What <c>trigger</c> is for deliveries that start one run: what the last said, with <c>count</c> and, as <c>batch</c>, what each said.</summary>
    public static JsonElement Facts(ImmutableArray<JsonElement> said)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (said[^1].ValueKind == JsonValueKind.Object)
                foreach (var member in said[^1].EnumerateObject()) member.WriteTo(json);
            json.WriteNumber("count", said.Length);
            json.WriteStartArray("batch");
            foreach (var facts in said) facts.WriteTo(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return JsonBounds.Parse(bytes.WrittenSpan);
    }
}
