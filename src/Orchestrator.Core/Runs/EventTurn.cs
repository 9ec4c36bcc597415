namespace Orchestrator.Core.Runs;

/// <summary>The events one input leads to, folded onto the state as they are decided. For aggregates whose state never changes.</summary>
/// <param name="stream">The stream they are of.</param>
/// <param name="state">What is known.</param>
/// <param name="version">Seq of the last event of that.</param>
/// <param name="apply">The state after one more event.</param>
/// <param name="now">When they are decided.</param>
internal class EventTurn<TState>(StreamId stream, TState state, long version, Func<TState, RecordedEvent, TState> apply, DateTimeOffset now)
{
    private readonly List<RecordedEvent> _events = [];

    public TState State { get; private set; } = state;

    public IReadOnlyList<RecordedEvent> Events => _events;

    public void Add(JournalEvent e)
    {
        var recorded = Next(e);
        _events.Add(recorded);
        State = apply(State, recorded);
    }

    /// <summary>The state as it would be after one more event.</summary>
    public TState Preview(JournalEvent e) => apply(State, Next(e));

    private RecordedEvent Next(JournalEvent e) => new(stream, version + _events.Count + 1, now, e);
}
