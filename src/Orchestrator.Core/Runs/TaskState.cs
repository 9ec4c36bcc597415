using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Runs;

/// <summary>What is known of one task of a run. Changed by <see cref="RunState.Apply"/> only.</summary>
public sealed class TaskState
{
    /// <summary>Where the task stands.</summary>
    public TaskStatus Status { get; internal set; }

    /// <summary>All gates but the slot are open, and the journal says so.</summary>
    public bool IsQueued { get; internal set; }

    /// <summary>Number of the latest attempt; 0 before the first.</summary>
    public int Attempt { get; internal set; }

    /// <summary>Attempts that were lost with their worker: they do not count against max_attempts.</summary>
    public int Losses { get; internal set; }

    /// <summary>When the next attempt is due, while Retrying.</summary>
    public DateTimeOffset RetryAt { get; internal set; }

    /// <summary>Why the attempt in flight is being stopped; null when it is not.</summary>
    public CancelReason? Stopping { get; internal set; }

    /// <summary>Why it was skipped.</summary>
    public SkipReason? Skip { get; internal set; }

    /// <summary>How it failed.</summary>
    public FailureKind? Failure { get; internal set; }

    /// <summary>It failed and was allowed to.</summary>
    public bool FailureAllowed { get; internal set; }

    /// <summary>Exit code of the last attempt's process.</summary>
    public int? ExitCode { get; internal set; }

    /// <summary>What it waits for without a slot, while Running; null when it does not.</summary>
    public WaitState? Wait { get; internal set; }

    /// <summary>Whether it runs without a slot.</summary>
    public bool IsParked => Wait is not null;

    /// <summary>The task whose fan-out this is a child of; -1 for others.</summary>
    public int Parent { get; internal init; } = -1;

    /// <summary>The index of its item; -1 for tasks that are not children.</summary>
    public int ItemIndex { get; internal init; } = -1;

    internal FanOutState? FanOut { get; set; }

    internal bool SlaRiskTold { get; set; }

    internal bool SlaExceededTold { get; set; }

    /// <summary>What it hands on to those after it; empty until it ended.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Outputs { get; internal set; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Names of its secret results: the values are only in the memory of the process that executed it.</summary>
    public ImmutableArray<string> SecretOutputs { get; internal set; } = [];

    /// <summary>Number of the latest attempt that another task's attempt made to get its secret results again; 0 before the first.</summary>
    public int LastRenewal { get; internal set; }

    /// <summary>Milliseconds from the first attempt's start to the end.</summary>
    public double DurationMs { get; internal set; }

    /// <summary>When all dependencies were terminal.</summary>
    internal Moment ReadyAt { get; set; }

    /// <summary>When the first attempt started.</summary>
    internal Moment StartedAt { get; set; }

    /// <summary>When the latest attempt started.</summary>
    internal Moment AttemptStartedAt { get; set; }

    /// <summary>Seq of the event that began the latest attempt; 0 before the first.</summary>
    public long AttemptSeq { get; internal set; }

    /// <summary>Whether a task before it has results; known once its dependencies are terminal.</summary>
    internal bool ResultsAbove { get; set; }

    /// <summary>Dependencies that are not terminal yet.</summary>
    internal int OpenDependencies { get; set; }

    /// <summary>Whether the task is in a terminal state.</summary>
    public bool IsTerminal => Status is TaskStatus.Completed or TaskStatus.Failed or TaskStatus.Skipped or TaskStatus.Cancelled;

    /// <summary>Completed, or failed with leave to: what dependants count as success.</summary>
    public bool CountsAsSuccess => Status == TaskStatus.Completed || FailureAllowed;
}
