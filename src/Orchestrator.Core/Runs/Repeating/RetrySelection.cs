using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs.Repeating;

/// <summary>Which tasks of a finished run are to run again. Nothing named: those that did not complete, and what comes after them.</summary>
public sealed record RetrySelection
{
    /// <summary>This task and everything after it.</summary>
    public TaskId? From { get; init; }

    /// <summary>This task alone.</summary>
    public TaskId? Only { get; init; }

    /// <summary>With <see cref="Only"/>: also everything after it.</summary>
    public bool Downstream { get; init; }
}

/// <summary>Why a run is not repeated.</summary>
/// <param name="Code">run_open, unknown_task, bad_selection, not_completed or nothing_to_run.</param>
/// <param name="Message">One sentence, or two.</param>
/// <param name="Remedy">What to do about it; null where there is nothing.</param>
public sealed record RetryRefusal(string Code, string Message, string? Remedy);
