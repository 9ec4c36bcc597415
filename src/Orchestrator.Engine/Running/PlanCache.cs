using System.Collections.Concurrent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engine.Running;

/// <summary>One plan per definition version, so that a thousand runs of a workflow prepare it once. Bounded: old versions are made again when needed.</summary>
internal sealed class PlanCache
{
    private const int Most = 1_000;
    private readonly ConcurrentDictionary<string, RunPlan> _plans = new(StringComparer.Ordinal);

    public RunPlan Of(string version, WorkflowDefinition definition)
    {
        if (_plans.TryGetValue(version, out var plan)) return plan;
        if (_plans.Count >= Most) _plans.Clear();
        return _plans.GetOrAdd(version, static (_, d) => new RunPlan(d), definition);
    }
}
