using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>What came of reading a definition: the workflow, or everything that is wrong with it.</summary>
/// <param name="Workflow">The workflow; null as soon as there is a problem.</param>
/// <param name="Problems">All problems, in the order of their places; empty when there is a workflow.</param>
public sealed record ReadResult(WorkflowDefinition? Workflow, ImmutableArray<Problem> Problems);
