using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs.Repeating;

/// <summary>A run that repeats part of a finished one: which tasks run, and which results are taken over.</summary>
public sealed record RetryPlan
{
    /// <summary>The finished run.</summary>
    public required RunId Earlier { get; init; }

    /// <summary>What the new run executes.</summary>
    public required WorkflowDefinition Definition { get; init; }

    /// <summary>Every task of the definition, in its order.</summary>
    public required ImmutableArray<RetryStep> Steps { get; init; }

    /// <summary>Tasks of the finished run that the definition no longer has.</summary>
    public ImmutableArray<TaskId> Dropped { get; init; } = [];

    /// <summary>Tasks that run.</summary>
    public int Running => Steps.Count(s => s.Runs);
}

/// <summary>What becomes of one task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Reason">Why it runs, in a few words; how it is kept otherwise.</param>
/// <param name="Kept">Its result, taken over: attempt 0, with the run that made it. Null when the task runs.</param>
public sealed record RetryStep(TaskId Task, string Reason, TaskCompleted? Kept)
{
    /// <summary>Whether the task runs again.</summary>
    public bool Runs => Kept is null;
}
