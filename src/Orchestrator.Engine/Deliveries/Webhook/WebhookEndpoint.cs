using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle.Compatibility;

namespace Orchestrator.Engine.Deliveries.Webhook;

/// <summary>An address that receives events, from the program's configuration.</summary>
public sealed record WebhookEndpoint
{
    /// <summary>Patterns where none are given: what ends a run.</summary>
    public static ImmutableArray<string> Ends { get; } = ["workflow.completed", "workflow.failed", "workflow.cancelled"];

    /// <summary>Unique among the endpoints: letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute http or https address.</summary>
    public required Uri Url { get; init; }

    /// <summary>Patterns of types; empty: what ends a run.</summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>Only runs of these workflows; empty: all.</summary>
    public ImmutableArray<string> Workflows { get; init; } = [];

    /// <summary>Where the secret is that signs requests; null: none are signed.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>Headers of every request.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Longest time for one request.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shape of the body.</summary>
    public EventFormat Format { get; init; }
}
