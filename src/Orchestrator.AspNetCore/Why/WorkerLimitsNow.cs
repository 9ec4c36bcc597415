using Orchestrator.Core.Explanations;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Admission;

namespace Orchestrator.AspNetCore.Why;

/// <summary>The limits that the configuration sets, as explanations need them.</summary>
internal static class WorkerLimitsNow
{
    public static WorkerLimits Of(NodeOptions options)
    {
        var (runs, rates) = (options.Runner.MaxRunningRuns, new AdmissionLimits { PerTenant = options.Limits.PerTenant });
        return new()
        {
            Slots = options.Runner.Slots, MaxRunning = runs, MaxOfTenant = runs - (runs / RunEngineOptions.ReservedShare), Pools = options.Pools,
            RunsPerSecond = options.Limits.RunsPerSecond, Burst = options.Limits.Burst, RateOf = rates.Of,
            IsRateLimited = options.Limits.RunsPerSecond is not null || !options.Limits.PerTenant.IsEmpty,
        };
    }
}
