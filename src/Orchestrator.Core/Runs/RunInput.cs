using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>What can reach a run's inbox. A closed set; every decision answers one of these.</summary>
public abstract record RunInput
{
    private RunInput() { }

    /// <summary>The run is to exist and wait for its turn: the first input of every run.</summary>
    /// <param name="Facts">What stays constant for it.</param>
    /// <param name="QueuePosition">How many runs wait before it.</param>
    public sealed record Create(WorkflowCreated Facts, int QueuePosition) : RunInput;

    /// <summary>The run has a place among the running ones.</summary>
    public sealed record Admit(string InstanceId) : RunInput;

    /// <summary>An attempt ended.</summary>
    public sealed record AttemptFinished(TaskId Task, int Attempt, TaskOutcome Outcome, double DurationMs) : RunInput;

    /// <summary>The delay before an attempt has passed.</summary>
    public sealed record RetryDue(TaskId Task, int Attempt) : RunInput;

    /// <summary>The run's own timeout has passed.</summary>
    public sealed record RunTimeoutDue : RunInput;

    /// <summary>Somebody wants the run to end, or another run takes its place.</summary>
    public sealed record Cancel(string Actor, CancelReason Reason = CancelReason.RunCancelled) : RunInput;

    /// <summary>This process took over a run whose worker is gone; its leftover processes have been ended.</summary>
    public sealed record Recover(string InstanceId, string Reason) : RunInput;

    /// <summary>Nothing new, but there may be free slots.</summary>
    public sealed record Continue : RunInput;
}
