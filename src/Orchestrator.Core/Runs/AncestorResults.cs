using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>The results of a task that another comes after, directly or through others.</summary>
/// <param name="Task">The task that has them.</param>
/// <param name="Outputs">Not empty.</param>
public readonly record struct AncestorResults(TaskId Task, ImmutableSortedDictionary<string, JsonElement> Outputs);
