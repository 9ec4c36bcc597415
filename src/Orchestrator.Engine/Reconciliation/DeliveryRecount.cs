using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.Engine.Reconciliation;

/// <param name="Since">Where the counting began.</param>
/// <param name="Looked">Events of the journal between there and the cursor.</param>
/// <param name="Wanted">Of those, the ones that the sink's subscription fits.</param>
/// <param name="Gone">Events between there and the cursor that the journal has no more.</param>
internal sealed record Recounted(LaneMark Since, long Looked, long Wanted, long Gone);

/// <summary>Counts once more, from the journal, what a sink wanted: the feed says which events stand between two positions, the journal has them.</summary>
internal sealed class DeliveryRecount(IRunStore store) : IDisposable
{
    private readonly IFeedRecords _records = store.Told();

    /// <summary>Null when nothing says what the sink wanted, or from where on.</summary>
    public async Task<Recounted?> OfAsync(string sink, LaneState state, CancellationToken stop)
    {
        var records = _records.All();
        // The feed removes events that no reader needs: earlier ones were counted up to the first mark after them.
        if (records.Select(r => (long?)r.First).FirstOrDefault() is not { } begin || state.Marks.FirstOrDefault(m => m.Position >= begin - 1) is not { } since) return null;
        using var messages = SinkFactory.MessagesOf(sink, state);
        if (messages is null) return null;
        var envelopes = new FeedEnvelopes(store);
        long looked = 0, wanted = 0, gone = 0;
        foreach (var record in records)
        {
            if (record.Last <= since.Position) continue;
            if (record.First > state.Position) break;
            var upTo = Math.Min(record.Last, state.Position);
            var part = new FeedPart(record, await _records.EventsAsync(record, stop).ConfigureAwait(false));
            var there = part.Events.Count(e => part.PositionOf(e) is var at && at > since.Position && at <= upTo);
            looked += there;
            gone += upTo - Math.Max(record.First - 1, since.Position) - there;
            foreach (var item in await envelopes.OfAsync(part, messages.MayWant, since.Position, stop).ConfigureAwait(false))
                if (item.Position <= upTo && messages.Write(item) is not null) wanted++;
        }
        return new(since, looked, wanted, gone);
    }

    public void Dispose() => _records.Dispose();
}
