using System.Collections.Immutable;

namespace Orchestrator.Engine.Running.Admission;

/// <summary>How often runs are admitted: token buckets over all runs and for each tenant.</summary>
public sealed record AdmissionLimits
{
    /// <summary>Name of the entry for tenants that have none of their own.</summary>
    public const string Others = "default";

    /// <summary>Runs admitted each second over all tenants, above 0; null: no limit.</summary>
    public double? RunsPerSecond { get; init; }

    /// <summary>Runs admitted each second by tenant; <see cref="Others"/> is for every tenant without an entry. Without that, those have no limit.</summary>
    public ImmutableSortedDictionary<string, double> PerTenant { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Seconds' worth of runs that may be admitted at once after a lull; a bucket always holds at least one run.</summary>
    public double Burst { get; init; } = 2;

    /// <summary>The limit of a tenant; null: none.</summary>
    public double? Of(string tenant) => PerTenant.TryGetValue(tenant, out var own) || PerTenant.TryGetValue(Others, out own) ? own : null;
}
