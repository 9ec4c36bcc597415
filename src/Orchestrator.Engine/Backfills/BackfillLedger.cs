using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Backfills;

/// <summary>The stream of one backfill: inputs are decided one after another, and its state moves once the events are durable. One caller at a time.</summary>
internal sealed class BackfillLedger(IRunJournal journal, string id, Action<RecordedEvent> recorded)
{
    private readonly StreamId _stream = StreamId.Backfill(id);
    private bool _isKnown;
    private bool _begun;

    /// <summary>What was last known; empty before the first look.</summary>
    public BackfillState State { get; private set; } = BackfillState.Empty;

    /// <summary>Decides an input, writes its events down, and returns what follows from them; at first, and after an append that failed, from all that is known.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public async Task<IReadOnlyList<BackfillEffect>> DecideAsync(BackfillInput input, Func<BackfillContext> context, CancellationToken stop)
    {
        var isKnown = _isKnown;
        await KnowAsync(stop).ConfigureAwait(false);
        var events = BackfillDecisions.Decide(State, input, context());
        if (events.Count > 0)
        {
            _isKnown = false;   // until it is durable, whether it was written is not known
            await journal.AppendAsync(_stream, State.Version, 0, events, AppendDurability.Committed).ConfigureAwait(false);
            State = events.Aggregate(State, (state, e) => state.Apply(e));
            _isKnown = true;
            foreach (var e in events) recorded(e);
        }
        return isKnown ? BackfillEffects.After(State, events) : BackfillEffects.From(State);
    }

    private async Task KnowAsync(CancellationToken stop)
    {
        if (_isKnown) return;
        await foreach (var e in journal.ReadAsync(_stream, State.Version, stop).ConfigureAwait(false))
        {
            State = State.Apply(e);
            if (_begun) recorded(e);   // an append that failed was written all the same
        }
        _isKnown = _begun = true;
    }
}
