using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Runs;

/// <summary>What a started task waits for without a slot. Changed by <see cref="RunState.Apply"/> only.</summary>
public sealed class WaitState
{
    internal WaitState(WaitKind kind, int attempt) => (Kind, Attempt) = (kind, attempt);

    /// <summary>What is waited for.</summary>
    public WaitKind Kind { get; }

    /// <summary>The attempt that waits.</summary>
    public int Attempt { get; }

    /// <summary>When a wait for time is over, or another has taken too long; null: no limit.</summary>
    public DateTimeOffset? Until { get; internal init; }

    /// <summary>Name of the event.</summary>
    public string? EventName { get; internal init; }

    /// <summary>The run of another workflow.</summary>
    public RunId? ChildRunId { get; internal init; }

    /// <summary>The question.</summary>
    public CheckpointPending? Question { get; internal init; }

    /// <summary>Who approved so far.</summary>
    public ImmutableArray<string> ApprovedBy { get; internal set; } = [];

    /// <summary>What they entered.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Answers { get; internal set; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Whether a worker does something for it: a poll's checks, a child run's end. The others are over by a decision alone.</summary>
    public bool HasRunner => Kind is WaitKind.Poll or WaitKind.Workflow;

    /// <summary>Whether the run counts as paused while nothing but such waits is left.</summary>
    public bool Pauses => Kind is WaitKind.Time or WaitKind.Event or WaitKind.Poll or WaitKind.Approval;
}
