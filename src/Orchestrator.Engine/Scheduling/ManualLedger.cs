using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>The stream of a schedule's manual runs: inputs are decided one after another, and its state moves once the events are durable.</summary>
/// <param name="turn">The turn of all decisions about the schedule: due times and requests see each other's runs.</param>
internal sealed class ManualLedger(IRunJournal journal, StreamId stream, Action<RecordedEvent> recorded, SemaphoreSlim turn)
{
    private volatile ManualState _state = ManualState.Empty;
    private bool _isKnown;
    private long? _told;   // up to which event everything was told and carried out; null before the first look

    /// <summary>What was last known; empty before the first look.</summary>
    public ManualState State => _state;

    /// <summary>Decides an input, writes its events down, and returns what follows from them.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public async Task<IReadOnlyList<LedgerEffect>> DecideAsync(ManualInput input, Func<ManualContext> context, CancellationToken stop)
    {
        await turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var state = await KnownAsync(stop).ConfigureAwait(false);
            var events = ManualDecisions.Decide(state, input, context());
            if (events.Count == 0) return Owed(state);
            try
            {
                await journal.AppendAsync(stream, state.Version, 0, events, AppendDurability.Committed).ConfigureAwait(false);
            }
            catch
            {
                _isKnown = false;   // whether it was written is not known: look before the next attempt
                throw;
            }
            _state = events.Aggregate(state, (s, e) => s.Apply(e));
            foreach (var e in events) recorded(e);
            if (_told < state.Version) return Owed(_state);
            _told = _state.Version;
            return ManualDecisions.After(_state, events);
        }
        finally { turn.Release(); }
    }

    // The first look carries out what an earlier process left; a later one what an append left that failed and was written all the same.
    private List<LedgerEffect> Owed(ManualState state)
    {
        if (_told >= state.Version) return [];
        _told = state.Version;
        return ManualDecisions.From(state);
    }

    private async ValueTask<ManualState> KnownAsync(CancellationToken stop)
    {
        if (_isKnown) return _state;
        var (state, isLater) = (_state, _told is not null);
        await foreach (var e in journal.ReadAsync(stream, state.Version, stop).ConfigureAwait(false))
        {
            state = state.Apply(e);
            if (isLater) recorded(e);
        }
        (_state, _isKnown) = (state, true);
        if (!isLater) _told = 0;
        return state;
    }
}
