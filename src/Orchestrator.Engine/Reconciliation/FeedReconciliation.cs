using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>
/// Compares the order of delivered events with the journal: every event of a stream once, in the
/// stream's order, and of a run that has ended all of them.
/// </summary>
public sealed class FeedReconciliation
{
    private const string Check = "feed";
    private readonly Dictionary<StreamId, Told> _told = [];
    private readonly List<Difference> _found = [];
    private readonly HashSet<StreamId> _held = [];
    private readonly long _begin = 1;
    private readonly DateTimeOffset _born;
    private readonly Func<DateTimeOffset, bool> _due;

    /// <param name="store">Where runs are kept.</param>
    /// <param name="due">Whether a run that ended then must have been delivered: the feed's process may need a moment, or be down.</param>
    public FeedReconciliation(IRunStore store, Func<DateTimeOffset, bool> due)
    {
        _due = due;
        using var records = store.Told();
        foreach (var record in records.All())
        {
            if (Positions == 0) _begin = record.First;
            Positions += record.Count;
            var known = _told.GetValueOrDefault(record.Stream);
            // Of a schedule's or worker's stream only the latest events are kept: what is gone was never told.
            var follows = record.FirstSeq == known.Last + 1 || (record.FirstSeq > known.Last && !record.Stream.TryGetRun(out _));
            if (known.Last > 0 && !follows) _found.Add(new(Check, record.Stream.ToString(), $"next event after {Difference.Number(known.Last)}", Difference.Number(known.Last + 1), Difference.Number(record.FirstSeq)));
            _told[record.Stream] = new(record.FirstSeq + record.Count - 1, record.EndsRun);
        }
        _born = Positions == 0 ? DateTimeOffset.MaxValue : records.BornAt;
    }

    /// <summary>How many events the feed has told, as far back as it goes.</summary>
    public long Positions { get; }

    /// <summary>What differs, of the runs checked so far too.</summary>
    public IReadOnlyList<Difference> Differences => _found;

    /// <summary>Checks a run: nothing was told of it that the journal does not have, and once it has ended all of it was.</summary>
    public void Hold(RunId run, IReadOnlyList<RecordedEvent> events)
    {
        var (first, last) = (events[0], events[^1]);
        var told = _told.GetValueOrDefault(StreamId.Run(run));
        _held.Add(StreamId.Run(run));
        if (last.Event is not WorkflowEnded)
        {
            if (told.Last > last.Seq) _found.Add(new(Check, run.ToString(), "events told", Difference.Number(last.Seq), Difference.Number(told.Last)));
            return;
        }
        if (told.Ended && told.Last != last.Seq) _found.Add(new(Check, run.ToString(), "last event told", Difference.Number(last.Seq), Difference.Number(told.Last)));
        // Which runs an older, shorter feed had told is not known any more.
        var mustBeTold = told.Last > 0 || (_begin == 1 && first.Time > _born);
        if (mustBeTold && !told.Ended && _due(last.Time)) _found.Add(new(Check, run.ToString(), "events told", Difference.Number(last.Seq), Difference.Number(told.Last)));
    }

    /// <summary>What was told of streams that no run was checked of: the journal must have them, or know that they were removed.</summary>
    public void HoldRest(IRunHistory runs)
    {
        var removed = runs.Removed();
        foreach (var (stream, told) in _told)
        {
            if (_held.Contains(stream)) continue;
            if (stream.TryGetRun(out var run))
            {
                if (runs.FirstEvent(run) is null && !removed.Contains(run)) _found.Add(new(Check, run.ToString(), "events told", "0", Difference.Number(told.Last)));
            }
            else if (runs.ReadSystem(stream) is var events && (events.Count == 0 ? 0 : events[^1].Seq) is var last && last < told.Last)
                _found.Add(new(Check, stream.ToString(), "events told", Difference.Number(last), Difference.Number(told.Last)));
        }
    }

    private readonly record struct Told(long Last, bool Ended);
}
