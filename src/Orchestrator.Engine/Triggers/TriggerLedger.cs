using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Triggers;

/// <summary>The ledger of one trigger: inputs are decided one after another, and its state moves once the entries are durable.</summary>
internal sealed class TriggerLedger(IRunJournal journal, StreamId stream, Action<RecordedEvent> recorded) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile TriggerState _state = TriggerState.Empty;
    private bool _isKnown;
    private long? _told;   // up to which entry everything was told and carried out; null before the first look

    /// <summary>What was last known; empty before the first look.</summary>
    public TriggerState State => _state;

    /// <summary>Decides an input, writes its entries down, and returns them with what follows.</summary>
    /// <param name="input">What happened.</param>
    /// <param name="context">Made when the input's turn has come.</param>
    /// <param name="durability">How safe the entries are when this completes.</param>
    /// <param name="stop">Cancels the waiting, not a write.</param>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public async Task<(IReadOnlyList<RecordedEvent> Entries, IReadOnlyList<TriggerEffect> Effects)> DecideAsync(
        TriggerInput input, Func<TriggerContext> context, AppendDurability durability, CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var state = await KnownAsync(stop).ConfigureAwait(false);
            var entries = TriggerDecisions.Decide(state, input, context());
            if (entries.Count == 0) return (entries, Owed(state));
            try
            {
                await journal.AppendAsync(stream, state.Version, 0, entries, durability).ConfigureAwait(false);
            }
            catch
            {
                _isKnown = false;   // whether it was written is not known: look before the next attempt
                throw;
            }
            _state = entries.Aggregate(state, (s, e) => s.Apply(e));
            foreach (var entry in entries) recorded(entry);
            if (_told < state.Version) return (entries, Owed(_state));
            _told = _state.Version;
            return (entries, TriggerEffects.After(_state, entries));
        }
        finally { _turn.Release(); }
    }

    public void Dispose() => _turn.Dispose();

    // An append that failed may have been written all the same: what follows from its entries was never carried out.
    private List<TriggerEffect> Owed(TriggerState state)
    {
        if (_told >= state.Version) return [];
        _told = state.Version;
        return TriggerEffects.From(state);
    }

    private async ValueTask<TriggerState> KnownAsync(CancellationToken stop)
    {
        if (_isKnown) return _state;
        var known = _state;
        await foreach (var entry in journal.ReadAsync(stream, known.Version, stop).ConfigureAwait(false))
        {
            known = known.Apply(entry);
            if (_told is not null) recorded(entry);   // of an append that failed and was written all the same
        }
        _state = known;
        _isKnown = true;
        _told ??= known.Version;   // whoever opens a ledger carries out what an earlier process left
        return known;
    }
}
