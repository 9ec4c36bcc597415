using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Repeating;

namespace Orchestrator.Engine.Running;

/// <summary>What a retry would do, before anything is done.</summary>
/// <param name="Plan">Which tasks run and which are kept.</param>
/// <param name="Created">The first event of the finished run.</param>
/// <param name="LastSeq">Seq of its last event, which causes the new run.</param>
/// <param name="Params">Parameters of the new run.</param>
/// <param name="DroppedParams">Parameters of the finished run that the definition no longer has.</param>
public sealed record RetryPreview(RetryPlan Plan, WorkflowCreated Created, long LastSeq, ImmutableSortedDictionary<string, JsonElement> Params, ImmutableArray<string> DroppedParams);
