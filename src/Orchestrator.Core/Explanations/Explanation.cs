using System.Collections.Immutable;

namespace Orchestrator.Core.Explanations;

/// <summary>Why something is as it is at an instant.</summary>
/// <param name="Kind">workflow, schedule, run or task.</param>
/// <param name="Subject">Its name: a workflow, <c>workflow/schedule</c>, a run's id, or <c>run/task</c>.</param>
/// <param name="At">The instant.</param>
/// <param name="Status">Its status in one word.</param>
/// <param name="Answer">The reason in a sentence or two.</param>
public sealed record Explanation(string Kind, string Subject, DateTimeOffset At, string Status, string Answer)
{
    /// <summary>Every gate, in the order they are asked.</summary>
    public ImmutableArray<Gate> Gates { get; init; } = [];

    /// <summary>Explanations of what it consists of: a run's tasks, a workflow's schedules and runs.</summary>
    public ImmutableArray<Explanation> Parts { get; init; } = [];

    /// <summary>Parts that are not shown because there are too many.</summary>
    public int MoreParts { get; init; }
}
