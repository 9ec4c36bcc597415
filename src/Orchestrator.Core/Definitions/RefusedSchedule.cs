using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>A schedule that is wrong and therefore not among those of its workflow.</summary>
/// <param name="Id">Its id; null where it has none.</param>
/// <param name="Problems">What is wrong with it or its calendars; at least one.</param>
public sealed record RefusedSchedule(string? Id, ImmutableArray<Problem> Problems);
