namespace Orchestrator.Engine.Hosting.Options;

/// <summary>How the program stops: section <c>Orchestrator:Shutdown</c>.</summary>
internal sealed record ShutdownOptions
{
    /// <summary>
    /// <c>Drain</c>: after SIGTERM nothing new starts and attempts in flight may finish for this long; then they are interrupted and
    /// resumed by the next <c>serve</c>. A duration, 0 to 1h. Default 30 s.
    /// </summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);
}
