using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>What came of reading a definition: the workflow, or everything that is wrong with it.</summary>
/// <param name="Workflow">The workflow; null as soon as there is a problem.</param>
/// <param name="Problems">All problems, in the order of their places; empty when there is a workflow.</param>
public sealed record ReadResult(WorkflowDefinition? Workflow, ImmutableArray<Problem> Problems)
{
    /// <summary>
    /// The workflow without what is wrong, where only schedules and calendars are: its other schedules can
    /// fire. Null: there is a workflow, or more is wrong.
    /// </summary>
    public WorkflowDefinition? Partial { get; init; }

    /// <summary>What can be in force: the workflow, or what is right of it.</summary>
    public WorkflowDefinition? Usable => Workflow ?? Partial;

    /// <summary>The same with another workflow, whole or partial.</summary>
    public ReadResult Map(Func<WorkflowDefinition, WorkflowDefinition> change) =>
        this with { Workflow = Workflow is { } whole ? change(whole) : null, Partial = Partial is { } part ? change(part) : null };
}
