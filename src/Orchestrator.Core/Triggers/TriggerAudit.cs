using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>
/// Proves a trigger's ledger: every delivery that was taken ends once, as part of a run, given way or refused; and every run that was started was dispatched
/// or refused.
/// </summary>
public sealed class TriggerAudit
{
    private readonly List<string> _differences = [];
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private bool _isWhole = true;
    private bool _begun;

    /// <summary>Deliveries that were taken.</summary>
    public long Received { get; private set; }

    /// <summary>Runs that were started.</summary>
    public long Fired { get; private set; }

    /// <summary>Deliveries that came again.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Deliveries that were refused.</summary>
    public long Rejected { get; private set; }

    /// <summary>Deliveries that gave way to a later one.</summary>
    public long Debounced { get; private set; }

    /// <summary>What does not hold, a sentence each.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>The state after the entries so far.</summary>
    public TriggerState State { get; private set; } = TriggerState.Empty;

    /// <summary>Takes the next entry of the stream.</summary>
    public void Take(RecordedEvent recorded)
    {
        // Of a stream whose first entries were removed, or that has a hole, the earlier deliveries are not known.
        if (!_begun && recorded.Seq > 1 || recorded.Event is JournalEventsLost) _isWhole = false;
        _begun = true;
        switch (recorded.Event)
        {
            case TriggerReceived e:
                Received++;
                if (!_open.Add(e.DeliveryId)) _differences.Add($"delivery {e.DeliveryId} was taken twice");
                break;
            case TriggerFired e:
                Fired++;
                if (State.Pending.ContainsKey(e.RunId)) _differences.Add($"run {e.RunId} was started twice");
                foreach (var id in e.Deliveries) End(id, e.Type);
                break;
            case TriggerDebounced e:
                Debounced++;
                End(e.DeliveryId, e.Type);
                break;
            case TriggerRejected e:
                Rejected += e.Count ?? 1;
                if (e.DeliveryId is { } refused) _open.Remove(refused);
                break;
            case TriggerDuplicate: Duplicates++; break;
            case TriggerDispatched e: Settle(e.RunId, e.Type); break;
            case TriggerFailed e: Settle(e.RunId, e.Type); break;
            case TriggerRestated e:
                if (!e.Held.IsDefault) _open.UnionWith(e.Held.Select(h => h.DeliveryId));
                break;
        }
        State = State.Apply(recorded);
    }

    /// <summary>After the last entry: what has no end.</summary>
    /// <param name="settled">Runs that were started until then must be dispatched.</param>
    /// <param name="startedAt">When the run of an entry was started.</param>
    public void Finish(DateTimeOffset settled, Func<long, DateTimeOffset?> startedAt)
    {
        foreach (var id in _open.Where(id => !State.Held.Any(h => h.DeliveryId == id))) _differences.Add($"delivery {id} was taken and has no end");
        foreach (var pending in State.Pending.Values.Where(p => startedAt(p.Seq) <= settled)) _differences.Add($"run {pending.RunId} was started and not dispatched");
    }

    private void End(string delivery, string type)
    {
        if (!_open.Remove(delivery) && _isWhole) _differences.Add($"{type} for delivery {delivery}, which was not waiting");
    }

    private void Settle(RunId run, string type)
    {
        if (!State.Pending.ContainsKey(run) && _isWhole) _differences.Add($"{type} of run {run}, which was not started");
    }
}
