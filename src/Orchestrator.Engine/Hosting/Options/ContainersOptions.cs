namespace Orchestrator.Engine.Hosting.Options;

/// <summary><c>Orchestrator:Containers</c>.</summary>
internal sealed record ContainersOptions
{
    /// <summary><c>Client</c>: the program that runs containers: <c>docker</c>, <c>podman</c>, an absolute path, or <c>auto</c> (default): docker or else podman, looked for in the PATH.</summary>
    public string Client { get; init; } = "auto";
}
