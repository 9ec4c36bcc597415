using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>How a task whose gates are open begins: with an attempt in a slot, or by waiting without one.</summary>
internal static class Starting
{
    /// <summary>Whether an attempt of the task holds a slot. Those that wait for something from outside do not.</summary>
    public static bool TakesSlot(TaskDefinition task) => task is { FanOut: null, Action: not (WaitAction or ApprovalAction or WorkflowAction) };

    /// <summary>A task starts now if it needs no slot, or if there is one and no task waits before it.</summary>
    public static void StartOrQueue(Turn turn, int index)
    {
        var task = turn.State.DefinitionOf(index);
        if (!TakesSlot(task))
        {
            if (turn.HoldsBack(task.Id)) turn.Emit(new TaskQueued(task.Id, "waiting for a worker that is not stopping"));
            else StartWithoutSlot(turn, index);
        }
        else if (task.Pool is { } pool && !turn.HasRoom(pool)) turn.Emit(new TaskQueued(task.Id, $"waiting for a slot of pool '{pool}'") { Pool = pool });
        else if (turn.HasSlot && !turn.State.Tasks.TryPeekReady(turn.HasRoom, out _)) Start(turn, index);
        else turn.Emit(new TaskQueued(task.Id, "waiting for a slot"));
    }

    /// <summary>Begins a task that waits for something else than a slot.</summary>
    public static void StartWithoutSlot(Turn turn, int index)
    {
        if (turn.State.DefinitionOf(index).FanOut is not null) FanningOut.Begin(turn, index);
        else Waiting.Begin(turn, index);
    }

    /// <summary>Begins the next attempt.</summary>
    public static void Start(Turn turn, int index) => Start(turn, index, turn.State.DefinitionOf(index).Action.Kind);

    public static void Start(Turn turn, int index, string executor)
    {
        Stages.OpenIfNew(turn, turn.State.StageOf(index));
        var task = turn.State.DefinitionOf(index);
        turn.Emit(new TaskStarted(task.Id, turn.State[index].Attempt + 1, task.FanOut is null ? Retries.MaxAttempts(task) : 1, executor));
    }
}
