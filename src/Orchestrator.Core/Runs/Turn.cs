using Orchestrator.Core.Admission;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.Replay;

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
    private readonly TurnBudget _budget;

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
        _budget = new(state.RunningTasks.Count, context.FreeSlots, state.Plan.Definition.MaxParallel, context.IsDraining, state.RunningInPool, context.FreeInPool);
    }

    /// <summary>The turn's instant.</summary>
    public Moment Now { get; }

    /// <summary>The run.</summary>
    public RunState State { get; }

    /// <summary>What was decided so far.</summary>
    public IReadOnlyList<RecordedEvent> Events => _events;

    /// <summary>What was decided when this turn was first taken; null unless it is a replay.</summary>
    internal TurnRecord? Record { get; init; }

    /// <summary>Whether another attempt may start, if its pool has room.</summary>
    internal bool HasSlot => _budget.HasSlot(State.RunningTasks.Count) && Record?.HadSlot(State, Now.Utc) != false;

    /// <summary>Whether a pool has room for another attempt.</summary>
    internal bool HasRoom(string pool) => Record is { } record ? record.HadRoom(State, pool, Now.Utc) : _budget.HasRoom(pool, State.Tasks.RunningInPool.GetValueOrDefault(pool));

    /// <summary>Whether the worker is stopping, so that the delay of a retry is waited for elsewhere.</summary>
    internal bool IsDraining => _budget.IsDraining;

    /// <summary>Whether a task that needs no slot may not begin, because the worker is stopping.</summary>
    internal bool HoldsBack(TaskId task) => Record is { } record ? !record.Began(State, task, Now.Utc) : _budget.IsDraining;

    /// <summary>Answers one input and advances the run by what follows from it.</summary>
    public void Take(RunInput input)
    {
        Decisions.Decide(this, input);
        Advancing.Advance(this);
    }

    /// <summary>Decides one event: folds it and keeps it.</summary>
    internal void Emit(RunEvent e)
    {
        if (State.Outcome is not null && e is TaskEvent { Role: null } own && State.TryIndexOf(own.Task, out var node) && State.Plan.IsHandler(node)) e = own with { Role = TaskEvent.Handler };
        var recorded = new RecordedEvent(_stream, State.Version + 1, Now.Utc, e);
        if (Record is { } record) recorded = record.Check(recorded);
        State.Apply(recorded, Now.MonotonicMs);
        _events.Add(recorded);
        if (State.Status != RunStatus.Pending && e is TaskEvent { Task: var id } and (TaskCompleted or TaskFailed or TaskSkipped or TaskCancelled))
            Stages.CloseIfDone(this, State.StageOf(State.IndexOf(id)));
    }
}
