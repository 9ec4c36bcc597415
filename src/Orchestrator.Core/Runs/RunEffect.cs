using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>What the shell has to do once the events that call for it are in the journal.</summary>
public abstract record RunEffect
{
    private RunEffect() { }

    /// <summary>Carry out an attempt and report how it ended.</summary>
    public sealed record StartAttempt(TaskId Task, int Attempt) : RunEffect;

    /// <summary>Stop an attempt that is in flight; it still reports how it ended.</summary>
    public sealed record CancelAttempt(TaskId Task, int Attempt) : RunEffect;

    /// <summary>Report when the next attempt is due.</summary>
    public sealed record ArmRetry(TaskId Task, int NextAttempt, DateTimeOffset At) : RunEffect;

    /// <summary>Report when a wait's instant has come.</summary>
    public sealed record ArmWait(TaskId Task, int Attempt, DateTimeOffset At) : RunEffect;

    /// <summary>Report when a time expected of the run (task null) or a task passes.</summary>
    public sealed record ArmSla(TaskId? Task, DateTimeOffset At) : RunEffect;

    /// <summary>Submit the run that repeats this one, and report when it is accepted.</summary>
    public sealed record SubmitRetry(RunId Run, int Attempt, DateTimeOffset NotBefore) : RunEffect;

    /// <summary>Report when the run's timeout passes.</summary>
    public sealed record ArmRunTimeout(DateTimeOffset At) : RunEffect;

    /// <summary>The run is over: tell who waits, archive, report.</summary>
    public sealed record Finish(WorkflowEnded End) : RunEffect;
}
