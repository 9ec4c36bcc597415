namespace Orchestrator.Engine.Hosting.Options;

/// <summary><c>Orchestrator:Artifacts</c>.</summary>
internal sealed record ArtifactsOptions
{
    /// <summary><c>Limit</c>: most bytes of all artifacts of one run; a task whose artifacts would pass it fails with output_limit. Default 1GiB.</summary>
    public long Limit { get; init; } = 1L << 30;
}
