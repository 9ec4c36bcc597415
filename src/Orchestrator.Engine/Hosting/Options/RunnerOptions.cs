namespace Orchestrator.Engine.Hosting.Options;

/// <summary>How much is done at once: section <c>Orchestrator:Runner</c>.</summary>
internal sealed record RunnerOptions
{
    /// <summary><c>Slots</c>: attempts in flight over all runs, 1 to 10000. Default the larger of 8 and 4 for each processor.</summary>
    public int Slots { get; init; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary><c>MaxOpenRuns</c>: runs accepted and not finished; beyond it the API answers 429. 1 to 1000000. Default 10000.</summary>
    public int MaxOpenRuns { get; init; } = 10_000;

    /// <summary><c>MaxRunningRuns</c>: runs that have started and not finished; further ones stay queued. 1 to 1000000. Default 1000.</summary>
    public int MaxRunningRuns { get; init; } = 1_000;

    /// <summary>
    /// <c>InstanceId</c>: name of this worker in events, metrics and reports, <c>[A-Za-z0-9][A-Za-z0-9._-]{0,99}</c>. Default the host's
    /// name and the process id.
    /// </summary>
    public string? InstanceId { get; init; }
}
