using System.Collections.Immutable;

namespace Orchestrator.Core.Planning;

/// <summary>The container of a `container` task with every expression replaced; pull policy and engine stand in its action.</summary>
/// <param name="Image">The image.</param>
public sealed record ContainerCall(string Image)
{
    /// <summary>Arguments to the entry point.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>Replaces the image's entry point.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Mounts, <c>source:target[:options]</c>.</summary>
    public ImmutableArray<string> Volumes { get; init; } = [];

    /// <summary>Working directory inside.</summary>
    public string? Workdir { get; init; }

    /// <summary>Network to join.</summary>
    public string? Network { get; init; }

    /// <summary>User inside.</summary>
    public string? User { get; init; }
}
