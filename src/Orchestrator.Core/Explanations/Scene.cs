using System.Collections.Immutable;

namespace Orchestrator.Core.Explanations;

/// <summary>Limits of a worker, as its configuration has them now: the journal does not keep them.</summary>
public sealed record WorkerLimits
{
    /// <summary>Attempts in flight at once.</summary>
    public int Slots { get; init; } = int.MaxValue;

    /// <summary>Runs that may have started and not ended.</summary>
    public int MaxRunning { get; init; } = int.MaxValue;

    /// <summary>How many of those one tenant may have.</summary>
    public int MaxOfTenant { get; init; } = int.MaxValue;

    /// <summary>Slots of pools.</summary>
    public IReadOnlyDictionary<string, int> Pools { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>Runs admitted each second; null: no limit.</summary>
    public double? RunsPerSecond { get; init; }

    /// <summary>Seconds' worth of runs that may be admitted at once.</summary>
    public double Burst { get; init; } = 2;

    /// <summary>Runs of a tenant admitted each second; null: no limit.</summary>
    public Func<string, double?> RateOf { get; init; } = static _ => null;

    /// <summary>Whether any limit is on how often runs are admitted.</summary>
    public bool IsRateLimited { get; init; }
}

/// <summary>What surrounds a run or schedule at an instant.</summary>
/// <param name="At">The instant.</param>
/// <param name="Limits">Limits of the worker.</param>
/// <param name="Others">The runs that were open then, and those that had started shortly before where rates are limited; empty where nothing waits.</param>
public sealed record Scene(DateTimeOffset At, WorkerLimits Limits, IReadOnlyList<RunFacts> Others)
{
    /// <summary>Whether the instant is past: limits may have been others then.</summary>
    public bool IsPast { get; init; }
}
