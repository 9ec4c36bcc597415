using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry;

/// <summary>Events of one run that are in the journal, in order, with the definition they belong to.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Definition">The definition it runs.</param>
/// <param name="Events">Events just appended.</param>
/// <param name="IsHistory">True for events of an earlier process, told so that later ones have their context: nothing is emitted for them.</param>
public sealed record AppendedBatch(RunId RunId, WorkflowDefinition Definition, IReadOnlyList<RecordedEvent> Events, bool IsHistory = false);
