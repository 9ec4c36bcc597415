using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Feed;

/// <summary>An event of the feed in its public form.</summary>
/// <param name="Definition">The definition its run was started with; null for other streams and where it is lost.</param>
internal sealed record FeedItem(long Position, StreamId Stream, LifecycleEnvelope Envelope, WorkflowDefinition? Definition);

/// <summary>
/// Makes envelopes of the feed's parts for one reader, who may begin in the middle of a run. Holds something for
/// open runs only, and for a bounded number of them.
/// </summary>
internal sealed class FeedEnvelopes(IRunStore store)
{
    private const int MaxRuns = 10_000;
    private readonly StreamEnvelopes _envelopes = new(store.Definitions);
    private readonly string? _installation = Installation.Find(store.State);
    private readonly Dictionary<StreamId, (long Seq, WorkflowDefinition? Definition)> _told = [];

    /// <param name="part">The next part; every part of a stream in order, from any on.</param>
    /// <param name="wanted">Whether an event of a type and workflow is to be told.</param>
    /// <param name="after">Events up to this position were told before.</param>
    public async Task<List<FeedItem>> OfAsync(FeedPart part, Func<string, string?, bool> wanted, long after, CancellationToken stop)
    {
        var items = new List<FeedItem>();
        if (part.Events.Count == 0) return items;
        var stream = part.Record.Stream;
        if (!stream.TryGetRun(out var run))
        {
            for (var i = 0; i < part.Events.Count; i++)
                if (part.PositionOf(part.Events[i]) is var at && at > after && SystemEnvelope.Of(part.Events[i], EventProducer.Unknown, _installation) is var e && wanted(e.Type, e.Workflow)) items.Add(new(at, stream, e, null));
            return items;
        }
        var known = _told.GetValueOrDefault(stream);
        var projection = await ProjectionAsync(stream, run, part, known.Seq, stop).ConfigureAwait(false);
        var definition = projection.Created is { } created ? _envelopes.Definition(created.DefinitionVersion) : known.Definition;
        for (var i = 0; i < part.Events.Count; i++)
        {
            var recorded = part.Events[i];
            if (recorded.Seq <= known.Seq) continue;
            if (recorded.Event is WorkflowCreated first) definition = _envelopes.Definition(first.DefinitionVersion);
            if (part.PositionOf(recorded) is var at && at > after && wanted(recorded.Event.Type, projection.Created?.Workflow ?? projection.Plan.Workflow))
                items.Add(new(at, stream, projection.Next(recorded), definition));
            else projection.Remember(recorded);
        }
        if (part.Record.EndsRun) Forget(stream);
        else _told[stream] = (part.Events[^1].Seq, definition);
        return items;
    }

    private async Task<EnvelopeProjection> ProjectionAsync(StreamId stream, RunId run, FeedPart part, long told, CancellationToken stop)
    {
        if (told > 0 && _envelopes.Knows(stream) && told == part.Events[0].Seq - 1) return _envelopes.Of(stream, part.Events[0])!;
        if (told == 0 && part.Events[0].Seq == 1) return Room()._envelopes.Of(stream, part.Events[0])!;
        // A reader that begins here needs the earlier events, to know what caused what.
        _envelopes.Forget(stream);
        var before = await store.Runs.ReadEventsAsync(run, stop).ConfigureAwait(false);
        var projection = Room()._envelopes.Of(stream, before.Count > 0 ? before[0] : part.Events[0])!;
        foreach (var e in before.TakeWhile(e => e.Seq < part.Events[0].Seq)) projection.Remember(e);
        return projection;
    }

    private FeedEnvelopes Room()
    {
        if (_told.Count >= MaxRuns) Forget(_told.Keys.First());
        return this;
    }

    private void Forget(StreamId stream)
    {
        _told.Remove(stream);
        _envelopes.Forget(stream);
    }
}
