using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>The ledger of one schedule: inputs are decided one after another, and its state moves once the entries are durable.</summary>
/// <param name="turn">The turn of all decisions about the schedule.</param>
internal sealed class ScheduleLedger(IRunJournal journal, StreamId stream, Action<RecordedEvent> recorded, SemaphoreSlim turn)
{
    // Terms are written down again more often than this, with all that is open.
    private const int Looked = LedgerDecisions.RestateAfter * 4;
    private volatile LedgerState _state = LedgerState.Empty;
    private bool _isKnown;
    private long? _told;   // up to which entry everything was told and carried out; null before the first look

    /// <summary>What was last known; empty before the first look.</summary>
    public LedgerState State => _state;

    /// <summary>Decides an input, writes its entries down, and returns what follows from them.</summary>
    /// <param name="input">What happened.</param>
    /// <param name="context">Made when the input's turn has come, from what is known then.</param>
    /// <param name="stop">Cancels the waiting, not a write.</param>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public async Task<IReadOnlyList<LedgerEffect>> DecideAsync(LedgerInput input, Func<LedgerState, LedgerContext> context, CancellationToken stop)
    {
        await turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var state = await KnownAsync(stop).ConfigureAwait(false);
            var entries = LedgerDecisions.Decide(state, input, context(state));
            if (entries.Count == 0) return Owed(state);
            try
            {
                await journal.AppendAsync(stream, state.Version, 0, entries, AppendDurability.Committed).ConfigureAwait(false);
            }
            catch
            {
                _isKnown = false;   // whether it was written is not known: look before the next attempt
                throw;
            }
            _state = entries.Aggregate(state, (s, e) => s.Apply(e));
            foreach (var entry in entries) recorded(entry);
            if (_told < state.Version) return Owed(_state);
            _told = _state.Version;
            return LedgerEffects.After(_state, entries);
        }
        finally { turn.Release(); }
    }

    // An append that failed may have been written all the same: what follows from its entries was never carried out.
    private List<LedgerEffect> Owed(LedgerState state)
    {
        if (_told >= state.Version) return [];
        _told = state.Version;
        return LedgerEffects.From(state);
    }

    private async ValueTask<LedgerState> KnownAsync(CancellationToken stop)
    {
        if (_isKnown) return _state;
        _state = await ReadAsync(stop).ConfigureAwait(false);
        _isKnown = true;
        _told ??= _state.Version;   // whoever opens a ledger carries out what an earlier process left
        return _state;
    }

    private async Task<LedgerState> ReadAsync(CancellationToken stop)
    {
        if (_told is not null)
        {
            // An append failed: what was known holds, and what may have been written all the same comes after it.
            var known = _state;
            await foreach (var entry in journal.ReadAsync(stream, known.Version, stop).ConfigureAwait(false))
            {
                known = known.Apply(entry);
                recorded(entry);
            }
            return known;
        }
        var last = await journal.ReadLastAsync(stream, Looked, stop).ConfigureAwait(false);
        if (last.Count < Looked || last.Any(e => e.Event is ScheduleUpdated { Terms: not null })) return last.Aggregate(LedgerState.Empty, (state, e) => state.Apply(e));
        var state = LedgerState.Empty;
        await foreach (var entry in journal.ReadAsync(stream, 0, stop).ConfigureAwait(false)) state = state.Apply(entry);
        return state;
    }
}

/// <summary>The due times of the terms that a ledger has in force, computed once.</summary>
internal sealed class TermsInForce(ScheduleZones zones)
{
    private (string Terms, ScheduleTimes? Times)? _known;

    public ScheduleTimes? Of(LedgerState state)
    {
        if (state.Terms is not { } text) return null;
        if (_known is { } known && known.Terms == text) return known.Times;
        ScheduleTimes? times = null;
        if (ScheduleTerms.TryParse(text, out var terms) && zones.TryFind(terms.Timezone, out var zone, out _)) ScheduleTimes.TryCreate(terms, zone, state.Key!, out times, out _);
        _known = (text, times);
        return times;
    }
}
