using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>What can reach a run's inbox. A closed set; every decision answers one of these.</summary>
public abstract record RunInput
{
    private RunInput() { }

    /// <summary>The run is to exist and wait for its turn: the first input of every run.</summary>
    /// <param name="Facts">What stays constant for it.</param>
    /// <param name="QueuePosition">How many runs wait before it.</param>
    /// <param name="Reused">Results taken over from another run, so that their tasks need not run: attempt 0 and
    /// <see cref="TaskCompleted.ReusedFrom"/> set. Null: none.</param>
    public sealed record Create(WorkflowCreated Facts, int QueuePosition, IReadOnlyList<TaskCompleted>? Reused = null) : RunInput;

    /// <summary>The run has a place among the running ones.</summary>
    public sealed record Admit(string InstanceId, WorkerFacts? Worker = null) : RunInput;

    /// <summary>An attempt ended.</summary>
    public sealed record AttemptFinished(TaskId Task, int Attempt, TaskOutcome Outcome, double DurationMs) : RunInput;

    /// <summary>The delay before an attempt has passed.</summary>
    public sealed record RetryDue(TaskId Task, int Attempt) : RunInput;

    /// <summary>The instant that a wait lasts until has come.</summary>
    public sealed record WaitDue(TaskId Task, int Attempt) : RunInput;

    /// <summary>A user approves a task's question, with checked values for its fields.</summary>
    public sealed record Approve(TaskId Task, string By, string? Comment, ImmutableSortedDictionary<string, JsonElement> Values) : RunInput;

    /// <summary>A user rejects a task's question.</summary>
    public sealed record Reject(TaskId Task, string By, string? Comment) : RunInput;

    /// <summary>An event for tasks that wait for it.</summary>
    public sealed record Signal(string Event, ImmutableSortedDictionary<string, JsonElement> Data) : RunInput;

    /// <summary>An attempt says how far it is.</summary>
    public sealed record Progress(TaskId Task, int Attempt, string? Message, double? Percent) : RunInput;

    /// <summary>An attempt is about to run another task again, for secret results that were lost.</summary>
    public sealed record Renew(TaskId Task, int Attempt, TaskId Producer, int Number) : RunInput;

    /// <summary>An attempt has run another task again, and has its secret results.</summary>
    public sealed record Renewed(TaskId Task, int Attempt, TaskId Producer, int Number, double DurationMs, string? LogRef) : RunInput;

    /// <summary>A time that was expected of the run (task null) or a task is due: its risk, or its end.</summary>
    public sealed record SlaDue(TaskId? Task) : RunInput;

    /// <summary>The run that repeats this one is accepted, durably; or it cannot be, and why.</summary>
    public sealed record RetryAccepted(string? Refusal) : RunInput;

    /// <summary>The run's own timeout has passed.</summary>
    public sealed record RunTimeoutDue : RunInput;

    /// <summary>A user wants the run to end, or another run takes its place.</summary>
    /// <param name="Comment">Why, in the requester's words; null: no reason given.</param>
    public sealed record Cancel(string Actor, CancelReason Reason = CancelReason.RunCancelled, string? Comment = null) : RunInput;

    /// <summary>A fault of the program's own keeps the run from going on: it ends as failed.</summary>
    /// <param name="Error">One sentence.</param>
    public sealed record Abort(string Error) : RunInput;

    /// <summary>This process took over a run whose worker is gone; its leftover processes have been ended.</summary>
    public sealed record Recover(string InstanceId, string Reason, WorkerFacts? Worker = null) : RunInput;

    /// <summary>Events up to one were told once and are not in the journal any more.</summary>
    public sealed record EventsLost(long UpTo) : RunInput;

    /// <summary>Nothing new, but there may be free slots.</summary>
    public sealed record Continue : RunInput;
}
