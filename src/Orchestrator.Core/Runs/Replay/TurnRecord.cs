using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs.Replay;

/// <summary>
/// A run's recorded events beside a turn that decides them once more. It stands in for what a turn knew of the world beyond its run, free
/// slots above all, and holds every decision against the record.
/// </summary>
/// <param name="events">The whole record; the next event is the one after the run's version.</param>
internal sealed class TurnRecord(IReadOnlyList<RecordedEvent> events)
{
    public RecordedEvent? At(long seq) => seq >= 1 && seq <= events.Count ? events[(int)seq - 1] : null;

    /// <summary>Whether there was a slot: the record goes on, in this instant, with an attempt that takes one.</summary>
    public bool HadSlot(RunState state, DateTimeOffset now) => NextStart(state, now) is { } task && Starting.TakesSlot(task);

    /// <summary>Whether a task that needs no slot began: the record continues with its start, in this instant.</summary>
    public bool Began(RunState state, TaskId task, DateTimeOffset now) => NextStart(state, now) is { } next && next.Id == task;

    /// <summary>Whether a pool had room: the record continues with an attempt that takes a slot of it, or with one that waits for something else.</summary>
    public bool HadRoom(RunState state, string pool, DateTimeOffset now) =>
        (NextStart(state, now) ?? NextQueued(state)) is { Pool: { } next } && next == pool;

    /// <summary>The recorded event, which is folded in place of the decided one: it knows what clocks measured.</summary>
    /// <exception cref="DifferenceException">They are not equal.</exception>
    public RecordedEvent Check(RecordedEvent decided)
    {
        var found = At(decided.Seq);
        if (found is null) throw new DifferenceException(new(decided.Seq, decided, null, []));
        var fields = EventComparison.Differences(decided, found);
        return fields.IsEmpty ? found : throw new DifferenceException(new(decided.Seq, decided, found, fields));
    }

    private TaskDefinition? NextStart(RunState state, DateTimeOffset now)
    {
        var next = At(state.Version + 1);
        if (next?.Event is StageStarted) next = At(state.Version + 2);
        return next is { Event: TaskStarted started } && next.Time == now ? Definition(state, started.Task) : null;
    }

    private TaskDefinition? NextQueued(RunState state) =>
        At(state.Version + 1) is { Event: TaskQueued { Pool: null } queued } ? Definition(state, queued.Task) : null;

    private static TaskDefinition? Definition(RunState state, TaskId task) => state.TryIndexOf(task, out var index) ? state.DefinitionOf(index) : null;

    /// <summary>Ends a replay where decision and record part.</summary>
    internal sealed class DifferenceException(ReplayDifference difference) : Exception(difference.ToString())
    {
        public ReplayDifference Difference { get; } = difference;
    }
}
