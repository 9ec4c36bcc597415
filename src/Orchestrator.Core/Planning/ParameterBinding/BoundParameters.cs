using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Planning;

/// <summary>The result of binding the parameters given for a run.</summary>
/// <param name="Values">One value per declared parameter, of its type; null for an optional one that was neither given nor has a default.</param>
/// <param name="Problems">Everything wrong, ORC301 to ORC309; empty when the run may start.</param>
public sealed record BoundParameters(ImmutableSortedDictionary<string, JsonElement> Values, ImmutableArray<Problem> Problems)
{
    /// <summary>Whether there are no problems.</summary>
    public bool IsValid => Problems.IsEmpty;
}
