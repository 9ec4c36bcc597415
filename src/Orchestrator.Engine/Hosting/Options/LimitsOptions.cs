using System.Collections.Immutable;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>How often runs start: section <c>Orchestrator:Limits</c>. A run that waits for its turn stays queued; nothing is refused.</summary>
internal sealed record LimitsOptions
{
    /// <summary><c>RunsPerSecond</c>: runs started each second over all tenants, 0.001 to 100000. Default none.</summary>
    public double? RunsPerSecond { get; init; }

    /// <summary>
    /// <c>PerTenant</c>: runs started each second by tenant, an object of tenant and number; <c>default</c> is for each tenant that is not named.
    /// Default none.
    /// </summary>
    public ImmutableSortedDictionary<string, double> PerTenant { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary><c>Burst</c>: seconds' worth of runs that may start at once after a lull, 0 to 3600; always at least one run. Default 2.</summary>
    public double Burst { get; init; } = 2;
}
