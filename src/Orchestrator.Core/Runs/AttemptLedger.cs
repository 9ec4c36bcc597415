using System.Runtime.InteropServices;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>What an event does to the attempts of its task.</summary>
internal enum AttemptMove
{
    /// <summary>Nothing: the task never started, or it ends between two attempts.</summary>
    None,
    /// <summary>An attempt begins.</summary>
    Begins,
    /// <summary>An attempt begins a second time.</summary>
    BeginsTwice,
    /// <summary>An attempt begins although the one before it is open.</summary>
    BeginsTooEarly,
    /// <summary>The open attempt ends.</summary>
    Closes,
    /// <summary>An attempt ends a second time.</summary>
    ClosesTwice,
    /// <summary>An attempt ends whose beginning is not recorded.</summary>
    ClosesUnbegun,
}

/// <summary>What an event does to the attempts of its task, and the latest of them; it is null where none began.</summary>
internal readonly record struct AttemptStep(AttemptMove Move, TaskAttempts? Task)
{
    /// <summary>Whether an attempt ends here that had not ended before.</summary>
    public bool Ends => Move is AttemptMove.Closes or AttemptMove.ClosesUnbegun;

    /// <summary>Whether an executor runs the attempt, so that it has its own span and duration.</summary>
    public bool HasRunner => Task?.HasRunner ?? true;
}

/// <summary>The attempts of one task so far.</summary>
internal sealed class TaskAttempts
{
    /// <summary>Number of the latest attempt.</summary>
    public int Number { get; internal set; }

    /// <summary>Whether the latest attempt has not ended.</summary>
    public bool IsOpen { get; internal set; }

    /// <summary>Whether it waits without a slot.</summary>
    public bool IsParked { get; internal set; }

    /// <summary>When the latest attempt began.</summary>
    public DateTimeOffset StartedAt { get; internal set; }

    /// <summary>The kind of the task as its latest start names it.</summary>
    public string Executor { get; internal set; } = "";

    /// <summary>Attempts that the task is allowed; lost ones are not counted.</summary>
    public int MaxAttempts { get; internal set; }

    /// <summary>Attempts that were lost with their worker and repeated.</summary>
    public int Losses { get; internal set; }

    /// <summary>What the latest attempt waits for; null where it does not.</summary>
    public WaitKind? Waits { get; internal set; }

    /// <summary>Whether an executor runs its attempts: not those of fan-outs, nor waits that a decision alone ends.</summary>
    public bool HasRunner => AttemptLedger.HasRunner(Executor) || Waits == WaitKind.Poll;
}

/// <summary>
/// Follows the attempts of a run's tasks event by event: which are open, and what each event begins and ends. Views, metrics, traces and checks all ask
/// it, so that they cannot disagree about where an attempt ends.
/// </summary>
/// <param name="forgetsEnded">Whether a task is forgotten with its end: a run may have a million. Then a second end looks like one without a beginning.</param>
internal sealed class AttemptLedger(bool forgetsEnded = true)
{
    private readonly Dictionary<TaskId, TaskAttempts> _tasks = [];

    /// <summary>Open attempts that hold a slot.</summary>
    public int InFlight { get; private set; }

    /// <summary>Open attempts: the task and their number.</summary>
    public IEnumerable<(TaskId Task, int Number)> Open => _tasks.Where(t => t.Value.IsOpen).Select(t => (t.Key, t.Value.Number));

    /// <summary>Whether an executor runs the attempts of a kind of task. A poll is recognised by its wait.</summary>
    public static bool HasRunner(string executor) => executor is not ("foreach" or "matrix" or "approval" or "wait");

    /// <summary>Takes the next event of the run in.</summary>
    /// <param name="e">The event.</param>
    /// <param name="at">When it was decided.</param>
    public AttemptStep Take(TaskEvent e, DateTimeOffset at)
    {
        switch (e)
        {
            case TaskStarted started:
                return Begin(started, at);
            case TaskWaiting or TaskExpanded or CheckpointPending:
                if (_tasks.TryGetValue(e.Task, out var waiting)) Park(waiting, (e as TaskWaiting)?.WaitsFor);
                return new(AttemptMove.None, waiting);
            case AttemptClosed closed:
                return Close(closed);
            default:
                return new(AttemptMove.None, _tasks.GetValueOrDefault(e.Task));
        }
    }

    private AttemptStep Begin(TaskStarted e, DateTimeOffset at)
    {
        ref var task = ref CollectionsMarshal.GetValueRefOrAddDefault(_tasks, e.Task, out _);
        task ??= new();
        var move = e.Attempt <= task.Number ? AttemptMove.BeginsTwice : task.IsOpen ? AttemptMove.BeginsTooEarly : AttemptMove.Begins;
        if (task is { IsOpen: true, IsParked: false }) InFlight--;
        InFlight++;
        (task.Number, task.IsOpen, task.IsParked, task.StartedAt, task.Executor, task.MaxAttempts, task.Waits) = (e.Attempt, true, false, at, e.Executor, e.MaxAttempts, null);
        return new(move, task);
    }

    private void Park(TaskAttempts task, WaitKind? waits)
    {
        if (task is { IsOpen: true, IsParked: false }) InFlight--;
        (task.IsParked, task.Waits) = (true, waits);
    }

    private AttemptStep Close(AttemptClosed e)
    {
        if (!_tasks.TryGetValue(e.Task, out var task)) return new(e.Attempt == 0 || e.ClosesAttempt == false ? AttemptMove.None : AttemptMove.ClosesUnbegun, null);
        var move = MoveOf(e, task);
        if (move == AttemptMove.Closes)
        {
            if (!task.IsParked) InFlight--;
            (task.IsOpen, task.IsParked) = (false, false);
            if (e is TaskRetrying { Loss: not null }) task.Losses++;
        }
        if (e is not TaskRetrying && forgetsEnded && _tasks.Remove(e.Task) && task is { IsOpen: true, IsParked: false }) InFlight--;
        return new(move, task);
    }

    private static AttemptMove MoveOf(AttemptClosed e, TaskAttempts task)
    {
        if (e.Attempt == 0 || e.ClosesAttempt == false) return AttemptMove.None;
        if (e.Attempt != task.Number) return AttemptMove.ClosesUnbegun;
        if (task.IsOpen) return AttemptMove.Closes;
        // Lines older than the fact do not say that a task ended between two attempts, which only these can.
        return e is TaskCancelled or TaskFailed ? AttemptMove.None : AttemptMove.ClosesTwice;
    }
}
