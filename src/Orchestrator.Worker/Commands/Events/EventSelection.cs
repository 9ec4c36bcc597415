using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Engine;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Subscriptions;

namespace Orchestrator.Worker.Commands.Events;

/// <summary>Which events to print, and how.</summary>
internal sealed record EventSelection(EventFormat Format, EventPatterns Types, string? Workflow, DateTimeOffset? Since);

/// <summary>An event to be printed, or one that a format only has to know of.</summary>
internal readonly record struct SelectedEvent(StreamId Stream, LifecycleEnvelope Envelope, bool IsTold);

/// <summary>Makes envelopes of the events that are wanted, many at once. Holds something for open runs only.</summary>
internal sealed class SelectedEvents(IRunStore store, EventSelection wanted)
{
    private const int Many = 512;
    private readonly StreamEnvelopes _envelopes = new(store.Definitions);
    private readonly string? _installation = Installation.Find(store.State);

    /// <summary>Whether a run's last event was among them, told or not.</summary>
    public bool HasSeenEnd { get; private set; }

    /// <summary>Parts of streams in lots, so that handing them from thread to thread costs little.</summary>
    public static IEnumerable<List<StreamPart>> Lots(IEnumerable<StreamPart> parts)
    {
        var lot = new List<StreamPart>();
        var events = 0;
        foreach (var part in parts)
        {
            lot.Add(part);
            if ((events += part.Events.Count) < Many) continue;
            yield return lot;
            (lot, events) = (new(lot.Count), 0);
        }
        if (lot.Count > 0) yield return lot;
    }

    /// <param name="lots">The next events of streams; the first ones of a stream begin with its first.</param>
    public async IAsyncEnumerable<List<SelectedEvent>> Of(IAsyncEnumerable<List<StreamPart>> lots)
    {
        await foreach (var lot in lots.ConfigureAwait(false))
        {
            var selected = new List<SelectedEvent>(lot.Count);
            foreach (var part in lot) Take(part, selected);
            if (selected.Count > 0) yield return selected;
        }
    }

    private void Take(StreamPart part, List<SelectedEvent> selected)
    {
        if (_envelopes.Of(part.Stream, part.Events[0]) is not { } projection)
        {
            foreach (var recorded in part.Events)
                if (SystemEnvelope.Of(recorded, EventProducer.Unknown, _installation) is var envelope && IsTold(recorded, envelope.Workflow)) selected.Add(new(part.Stream, envelope, true));
            return;
        }
        foreach (var recorded in part.Events)
        {
            var isTold = IsTold(recorded, projection.Plan.Workflow);
            if (isTold || wanted.Format != EventFormat.Native) selected.Add(new(part.Stream, projection.Next(recorded), isTold));
            else projection.Remember(recorded);
        }
        if (part.Events[^1].Event is not WorkflowEnded) return;
        _envelopes.Forget(part.Stream);
        HasSeenEnd = true;
    }

    private bool IsTold(RecordedEvent e, string? workflow) =>
        wanted.Types.Fit(e.Event.Type) && !(e.Time < wanted.Since) && (wanted.Workflow is null || workflow == wanted.Workflow);
}
