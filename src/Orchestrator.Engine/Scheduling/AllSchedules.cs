using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Pauses of all schedules: inputs are decided one after another, and the state moves once the events are durable.</summary>
internal sealed class AllSchedules(IRunJournal journal, TimeProvider clock, Action<RecordedEvent> recorded) : IDisposable
{
    /// <summary>The key of its alarm; no schedule has it.</summary>
    public const string Key = "schedules:all";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile MaintenanceState _state = MaintenanceState.Empty;
    private bool _isKnown;
    private bool _wasKnown;

    /// <summary>What was last known; empty before the first look.</summary>
    public MaintenanceState State => _state;

    /// <summary>Decides an input and writes its events down; whether anything has changed since the last time.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public async Task<bool> DoAsync(MaintenanceInput input, CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var before = _state.Version;
            await ReadAsync(stop).ConfigureAwait(false);
            var events = MaintenanceDecisions.Decide(_state, input, clock.GetUtcNow());
            if (events.Count > 0)
            {
                try
                {
                    await journal.AppendAsync(StreamId.AllSchedules, _state.Version, 0, events, AppendDurability.Committed).ConfigureAwait(false);
                }
                catch
                {
                    _isKnown = false;   // whether it was written is not known: look before the next attempt
                    throw;
                }
                _state = events.Aggregate(_state, (s, e) => s.Apply(e));
                foreach (var e in events) recorded(e);
            }
            return _state.Version > before;
        }
        finally { _turn.Release(); }
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask ReadAsync(CancellationToken stop)
    {
        if (_isKnown) return;
        var state = _state;
        await foreach (var e in journal.ReadAsync(StreamId.AllSchedules, state.Version, stop).ConfigureAwait(false))
        {
            state = state.Apply(e);
            if (_wasKnown) recorded(e);   // an append that failed had been made all the same
        }
        (_state, _isKnown, _wasKnown) = (state, true, true);
    }
}
