using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>The aggregate whose events a stream has: state, apply and effects. Its decisions are given with each input.</summary>
/// <param name="Empty">The state before the first event.</param>
/// <param name="Version">Seq of the last event of a state; 0 before the first.</param>
/// <param name="Apply">The state after one more event.</param>
internal sealed record StreamRules<TState, TEffect>(TState Empty, Func<TState, long> Version, Func<TState, RecordedEvent, TState> Apply)
{
    /// <summary>What follows from events just folded onto a state.</summary>
    public Func<TState, IReadOnlyList<RecordedEvent>, List<TEffect>> After { get; init; } = static (_, _) => [];

    /// <summary>Everything that is outstanding in a state.</summary>
    public Func<TState, List<TEffect>> From { get; init; } = static _ => [];

    /// <summary>
    /// Whether the first decision also returns the effects that an earlier process left undone; otherwise the opener of the stream executes them.
    /// </summary>
    public bool OwesAtFirst { get; init; }

    /// <summary>Reads the state for the first time; null: from the stream's first event.</summary>
    public Func<IRunJournal, StreamId, CancellationToken, Task<TState>>? Open { get; init; }
}

/// <summary>What an input has led to.</summary>
/// <param name="Events">The events it was decided as, durable.</param>
/// <param name="Effects">What is to be done now.</param>
/// <param name="HasMoved">Whether the state is another than before, by these events or by some that were found.</param>
internal readonly record struct Decision<TEffect>(IReadOnlyList<RecordedEvent> Events, IReadOnlyList<TEffect> Effects, bool HasMoved);

/// <summary>
/// A stream with one owner: inputs are decided one after another, and its state moves once the events are durable. After an append that failed it looks
/// whether the events were written all the same, and their effects are returned with the next decision.
/// </summary>
/// <param name="journal">Holds the stream.</param>
/// <param name="stream">Its name.</param>
/// <param name="rules">What its events mean.</param>
/// <param name="recorded">Told of each event once it is durable.</param>
/// <param name="turn">The turn of all decisions that must see each other's events; several streams may share one.</param>
internal sealed class DecidedStream<TState, TEffect>(
    IRunJournal journal, StreamId stream, StreamRules<TState, TEffect> rules, Action<RecordedEvent> recorded, SemaphoreSlim turn)
    where TState : class
{
    private volatile TState _state = rules.Empty;
    private volatile bool _isKnown;
    private volatile bool _isInDoubt;
    private long? _told;   // up to which event everything was told and carried out; null before the first look

    /// <summary>What was last known; empty before the first look.</summary>
    public TState State => _state;

    /// <summary>Whether an append failed that may have been written: the effects of its events are not executed before the next decision.</summary>
    public bool IsInDoubt => _isInDoubt;

    /// <summary>Decides an input and writes its events down.</summary>
    /// <param name="decide">Called when the input's turn has come, with what is known then.</param>
    /// <param name="stop">Cancels the waiting, not a write.</param>
    /// <param name="durability">How safe the events are when this completes.</param>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public async Task<Decision<TEffect>> DecideAsync(
        Func<TState, IReadOnlyList<RecordedEvent>> decide, CancellationToken stop, AppendDurability durability = AppendDurability.Committed)
    {
        await turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var before = rules.Version(_state);
            if (!_isKnown) await LookAsync(stop).ConfigureAwait(false);
            var state = _state;
            var events = decide(state);
            if (events.Count == 0) return new(events, Owed(state), rules.Version(state) > before);
            try
            {
                await journal.AppendAsync(stream, rules.Version(state), 0, events, durability).ConfigureAwait(false);
            }
            catch
            {
                (_isKnown, _isInDoubt) = (false, true);   // whether it was written is not known: look before the next attempt
                throw;
            }
            _state = events.Aggregate(state, rules.Apply);
            foreach (var e in events) recorded(e);
            if (_told < rules.Version(state)) return new(events, Owed(_state), HasMoved: true);
            _told = rules.Version(_state);
            return new(events, rules.After(_state, events), HasMoved: true);
        }
        finally { turn.Release(); }
    }

    // An append that failed may have been written all the same: the effects of its events were never executed.
    private List<TEffect> Owed(TState state)
    {
        if (_told >= rules.Version(state)) return [];
        _told = rules.Version(state);
        return rules.From(state);
    }

    private async Task LookAsync(CancellationToken stop)
    {
        if (_told is null && rules.Open is { } open) _state = await open(journal, stream, stop).ConfigureAwait(false);
        else
        {
            var state = _state;
            await foreach (var e in journal.ReadAsync(stream, rules.Version(state), stop).ConfigureAwait(false))
            {
                state = rules.Apply(state, e);
                if (_told is not null) recorded(e);
            }
            _state = state;
        }
        (_isKnown, _isInDoubt) = (true, false);
        _told ??= rules.OwesAtFirst ? 0 : rules.Version(_state);
    }
}
