using System.Collections.Immutable;
using Orchestrator.Core.Lifecycle.Compatibility;

namespace Orchestrator.Core.Definitions;

/// <summary>An address that receives events of a workflow's runs.</summary>
public sealed record CallbackDefinition
{
    /// <summary>Absolute http or https address.</summary>
    public required string Url { get; init; }

    /// <summary>Patterns of types of events; empty: the three that end a run.</summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>Name of the secret, declared by the workflow, that signs every request; null: none is signed.</summary>
    public string? Secret { get; init; }

    /// <summary>Headers of every request.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Longest time for one request; null: 30 s.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Shape of the body.</summary>
    public EventFormat Format { get; init; }
}
