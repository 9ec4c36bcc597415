namespace Orchestrator.Core.Runs;

/// <summary>
/// One turn of a run: inputs are answered one by one, every decision is folded onto the (now provisional) state at once,
/// and what follows by itself (gates, stages, the end) is settled. The events come out in the order they were decided.
/// If they cannot be journaled the state is worthless and must be dropped.
/// </summary>
public sealed class Turn
{
    private readonly List<RecordedEvent> _events = [];
    private readonly StreamId _stream;
    private readonly int _slotCap;

    /// <summary>Begins a turn.</summary>
    /// <param name="state">The run's state; changed by the turn.</param>
    /// <param name="stream">The run's stream.</param>
    /// <param name="context">Clock and slots.</param>
    public Turn(RunState state, StreamId stream, TurnContext context)
    {
        State = state;
        _stream = stream;
        // Microseconds are what the journal keeps; deciding with the same value keeps live state and replay identical.
        Now = context.Now with { Utc = new(context.Now.Utc.Ticks - (context.Now.Utc.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero) };
        var cap = Math.Max(0, (long)state.RunningTasks.Count + context.FreeSlots);
        _slotCap = (int)Math.Min(cap, state.Plan.Definition.MaxParallel ?? int.MaxValue);
    }

    /// <summary>The turn's instant.</summary>
    public Moment Now { get; }

    /// <summary>The run.</summary>
    public RunState State { get; }

    /// <summary>What was decided so far.</summary>
    public IReadOnlyList<RecordedEvent> Events => _events;

    /// <summary>Whether another attempt may start.</summary>
    internal bool HasSlot => State.RunningTasks.Count < _slotCap;

    /// <summary>Answers one input and settles what follows from it.</summary>
    public void Take(RunInput input)
    {
        Decisions.Decide(this, input);
        Settlement.Settle(this);
    }

    /// <summary>Decides one event: folds it and keeps it.</summary>
    internal void Emit(RunEvent e)
    {
        var recorded = new RecordedEvent(_stream, State.Version + 1, Now.Utc, e);
        State.Apply(recorded, Now.MonotonicMs);
        _events.Add(recorded);
        if (e is TaskEvent { Task: var id } and (TaskCompleted or TaskFailed or TaskSkipped or TaskCancelled))
            Stages.CloseIfDone(this, State.Plan.StageOf(State.Plan.Graph.IndexOf(id)));
    }
}
