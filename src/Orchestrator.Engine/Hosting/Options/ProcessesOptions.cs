namespace Orchestrator.Engine.Hosting.Options;

/// <summary>Limits of child processes: section <c>Orchestrator:Processes</c>.</summary>
internal sealed record ProcessesOptions
{
    /// <summary><c>KillGrace</c>: time between SIGTERM and SIGKILL, as a duration (<c>5s</c>), 0 to 10m. Default 5 s.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>LogLimit</c>: size at which an attempt's log is cut and marked, 4KiB or more. Default 10 MiB.</summary>
    public long LogLimit { get; init; } = 10L << 20;

    /// <summary><c>OutputLimit</c>: size of a task's results as JSON beyond which it fails with output_limit, 4KiB to 64MiB. Default 1 MiB.</summary>
    public long OutputLimit { get; init; } = 1L << 20;
}
